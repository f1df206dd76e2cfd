// Small conveniences. Every page works without this file.
"use strict";

document.documentElement.classList.add("js");

// Rows of a form: add and remove in place instead of a round trip.
for (const list of document.querySelectorAll("[data-rows]")) {
  const add = list.parentElement.querySelector("[data-add]");
  const number = (row, index) => {
    for (const part of row.querySelectorAll("[id]")) part.id = part.id.replace(/\d+/, index);
    for (const part of row.querySelectorAll("[for]")) part.htmlFor = part.htmlFor.replace(/\d+/, index);
    for (const part of row.querySelectorAll("label")) part.textContent = part.textContent.replace(/\d+/, index + 1);
  };
  const dress = (row) => {
    const remove = row.querySelector("[data-remove]");
    if (!remove) return;
    remove.hidden = false;
    remove.onclick = () => {
      if (list.children.length === 1) { clear(row); return; }
      const near = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      [...list.children].forEach(number);
      near.querySelector("input, textarea").focus();
    };
  };
  const clear = (row) => {
    for (const input of row.querySelectorAll("input, textarea")) { input.value = ""; input.removeAttribute("placeholder"); input.removeAttribute("aria-invalid"); }
    for (const error of row.querySelectorAll(".error")) error.remove();
    row.classList.remove("bad");
  };
  [...list.children].forEach(dress);
  if (add) add.addEventListener("click", (event) => {
    event.preventDefault();
    const row = list.lastElementChild.cloneNode(true);
    clear(row);
    list.append(row);
    [...list.children].forEach(number);
    dress(row);
    row.querySelector("input, textarea").focus();
  });
}

// An error summary gets the focus, so that a screen reader starts there.
const errors = document.getElementById("errors");
if (errors) errors.focus();

// On a phone the details of a request start folded: the people come first.
if (window.matchMedia("(max-width: 60rem)").matches) {
  for (const part of document.querySelectorAll(".about-more")) part.open = false;
}

// Progress of an import: replace the part of the page instead of loading all of it.
const progress = document.querySelector("[data-progress]");
if (progress) {
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-progress]");
      if (!fresh) { location.reload(); return; }
      progress.replaceChildren(...fresh.childNodes);
    } catch {
      // The network is away; the next round tries again.
    }
    setTimeout(refresh, 1000);
  };
  setTimeout(refresh, 1000);
}

// A form is sent once, however often the button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
  });
}
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// A paper is printed with a button; without this file, through the browser's own menu.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
