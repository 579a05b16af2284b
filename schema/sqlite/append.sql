-- One commit. ?1: all bytes of it, one after the other; ?2: [[seq, at, length], …], where an
-- entry's leaf hash and then its data begin in ?1; ?3: [[level, idx, at], …], where a node's hash
-- begins; ?4 to ?6: size, root and note of the checkpoint. `at` counts from 1.
INSERT INTO entry (seq, leaf_hash, data)
SELECT value ->> 0, substr(?1, value ->> 1, 32), substr(?1, (value ->> 1) + 32, value ->> 2)
FROM json_each(?2);
INSERT INTO hash_node (level, idx, hash)
SELECT value ->> 0, value ->> 1, substr(?1, value ->> 2, 32) FROM json_each(?3);
INSERT INTO checkpoint (size, root, note) VALUES (?4, ?5, ?6);
COMMIT;
