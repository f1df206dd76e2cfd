"""Looks at a page in a browser: what is too pale to be read, and what is too small for an older reader."""

PALE_TEXTS = """
const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const light = (c) => [.2126, .7152, .0722].reduce((sum, part, i) => sum + part * linear(c[i] / 255), 0);
const parts = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (node) => { for (; node; node = node.parentElement) {
  const c = parts(getComputedStyle(node).backgroundColor); if (c.length < 4 || c[3] > .99) return c.slice(0, 3); }
  return [255, 255, 255]; };
const pale = [];
for (const node of document.querySelectorAll('body *')) {
  const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const style = getComputedStyle(node);
  if (!own || !node.getClientRects().length || node.closest('.sr, .skip, svg, option, [aria-hidden=true]')) continue;
  const [a, b] = [light(parts(style.color).slice(0, 3)), light(behind(node))].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) pale.push(node.textContent.trim().slice(0, 30));
}
return pale;
"""
"""Texts whose contrast with what is behind them is below 4.5, as WCAG 2.2 AA counts it (3 for large ones)."""

SMALL_THINGS = """
const small = [];
for (const node of document.querySelectorAll('main *')) {
  if (!node.getClientRects().length || node.closest('.sr, svg, option, datalist')) continue;
  const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const words = node.textContent.trim().slice(0, 30) || node.name;
  if (own && parseFloat(getComputedStyle(node).fontSize) < 18) small.push('text: ' + words);
  const target = 'button, a.button, select, summary, label.option, input:not([type=radio], [type=checkbox])';
  if (node.matches(target) && node.getBoundingClientRect().height < 48) small.push('target: ' + words);
}
return small;
"""
"""What a retiree reads or touches and that is smaller than it should be: 18 px for texts, 48 px for targets."""
