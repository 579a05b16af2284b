-- The last checkpoint (what 0), the number of entries (1), and the stored peaks of the tree over
-- them, largest first (2): a peak of level k stands at (size >> k) - 1 wherever bit k is set.
WITH RECURSIVE
    total(n) AS (SELECT coalesce(max(seq) + 1, 0) FROM entry),
    bit(level) AS (
        SELECT 0
        UNION ALL
        SELECT bit.level + 1 FROM bit, total WHERE total.n >> (bit.level + 1) > 0
    )
SELECT 0 AS what, size AS number, root AS hash, note AS note
FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)
UNION ALL
SELECT 1, total.n, NULL, NULL FROM total
UNION ALL
SELECT 2, node.level, node.hash, NULL
FROM total, bit, hash_node AS node
WHERE bit.level > 0 AND (total.n >> bit.level) & 1 = 1
    AND node.level = bit.level AND node.idx = (total.n >> bit.level) - 1
UNION ALL
SELECT 2, 0, entry.leaf_hash, NULL FROM total, entry
WHERE total.n & 1 = 1 AND entry.seq = total.n - 1
ORDER BY 1, 2 DESC;
