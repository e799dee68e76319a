-- Finds the file that holds a picture already, so that an image that many edits start from becomes
-- one file (services/edits/image-files.ts).
create index files_by_hash on kiln.files (project_id, sha256)
  where purpose = 'vision' and deleted_at is null;
