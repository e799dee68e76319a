-- What was found when a picture was looked at (schemas/picture.ts), so that nobody has to read its
-- bytes again. Null: it is no picture, or was uploaded before pictures were looked at.
alter table kiln.files add column picture jsonb;
