-- Everything that the schema holds, in a fixed order.
SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name, tbl_name
