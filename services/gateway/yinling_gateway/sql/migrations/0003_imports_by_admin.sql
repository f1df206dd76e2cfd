-- An administrator's workbook may hold people of any organisation, whatever organisation it was uploaded for; its
-- copy and its issues are for administrators alone. Of imports made before, nobody knows: they are hidden too.

ALTER TABLE imports ADD COLUMN by_admin boolean NOT NULL DEFAULT true;
