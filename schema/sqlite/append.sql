-- One commit. ?1: [[seq, leaf hash, data], …]; ?2: [[level, idx, hash], …], bytes as hexadecimal
-- digits; ?3 to ?5: size, root and note of the checkpoint.
INSERT INTO entry (seq, leaf_hash, data)
SELECT value ->> 0, unhex(value ->> 1), unhex(value ->> 2) FROM json_each(?1);
INSERT INTO hash_node (level, idx, hash)
SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(?2);
INSERT INTO checkpoint (size, root, note) VALUES (?3, ?4, ?5);
COMMIT;
