-- CRC-32 of a picture's bytes. `archive.zip` states it before it sends them (docs/adr/0012-zip.md).
-- Null: an earlier release stored the picture; the first archive that holds it adds the checksum.
alter table kiln.images add column crc32 bigint;
