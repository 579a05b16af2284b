-- The peaks of a tree of ?1 leaves, highest first: one lookup per bit of the size.
WITH RECURSIVE height(level) AS (SELECT 1 UNION ALL SELECT level + 1 FROM height WHERE level < 62)
SELECT height.level AS level, node.hash AS hash
FROM height JOIN hash_node AS node ON node.level = height.level AND node.idx = (?1 >> height.level) - 1
WHERE (?1 >> height.level) & 1 = 1
UNION ALL
SELECT 0 AS level, leaf_hash AS hash FROM entry WHERE seq = ?1 - 1 AND ?1 & 1 = 1
ORDER BY level DESC
