-- When the first call of a row of unusable answers was started. A call that was started later and
-- answered well ends the row. Null: an earlier release recorded the row.
alter table kiln.answer_shapes add column row_since timestamptz;
