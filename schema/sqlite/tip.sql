-- Goes on only at the tip that a commit was made ready on, else ends the statement with an error
-- ("malformed JSON": outside triggers, SQLite has no other way to raise one). ?1: bytes, as in
-- append.sql; ?7 to ?9: number of entries, note and root of the last checkpoint; ?10: [[level, idx,
-- at], …], the stored peaks, whose hashes begin at `at` in ?1.
SELECT iif(
    ?7 = (SELECT max(seq) + 1 FROM entry)
    AND EXISTS (
        SELECT 1 FROM checkpoint
        WHERE size = (SELECT max(size) FROM checkpoint)
            AND size = ?7 AND note = ?8 AND root = ?9
    )
    AND NOT EXISTS (
        SELECT 1 FROM json_each(?10) AS peak
        LEFT JOIN hash_node ON level = peak.value ->> 0 AND idx = peak.value ->> 1
        LEFT JOIN entry ON peak.value ->> 0 = 0 AND seq = peak.value ->> 1
        WHERE coalesce(hash, leaf_hash) IS NOT substr(?1, peak.value ->> 2, 32)
    ),
    1, json('another tip')
);
