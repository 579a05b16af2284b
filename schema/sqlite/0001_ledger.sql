-- The ledger. Rows are only ever added; triggers refuse everything else, also through
-- INSERT OR REPLACE, whatever recursive_triggers says. No secondary UNIQUE: with it, a replacing
-- insert would delete old rows behind the triggers.

CREATE TABLE entry (
    seq INTEGER PRIMARY KEY CHECK (seq >= 0),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    data BLOB NOT NULL CHECK (length(data) BETWEEN 2 AND 65535)
) STRICT;

CREATE TABLE hash_node (
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 62),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL
) STRICT;

CREATE TABLE blob (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    stored_sha256 BLOB NOT NULL CHECK (length(stored_sha256) = 32),
    stored BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN
    SELECT RAISE(ABORT, 'entries are never updated');
END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN
    SELECT RAISE(ABORT, 'entries are never deleted');
END;
CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry) BEGIN
    SELECT RAISE(ABORT, 'entries are added at the end, one after the other');
END;

CREATE TRIGGER hash_node_update BEFORE UPDATE ON hash_node BEGIN
    SELECT RAISE(ABORT, 'nodes are never updated');
END;
CREATE TRIGGER hash_node_delete BEFORE DELETE ON hash_node BEGIN
    SELECT RAISE(ABORT, 'nodes are never deleted');
END;
CREATE TRIGGER hash_node_insert BEFORE INSERT ON hash_node
WHEN EXISTS (SELECT 1 FROM hash_node WHERE level = NEW.level AND idx = NEW.idx) BEGIN
    SELECT RAISE(ABORT, 'nodes are never replaced');
END;

CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never updated');
END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never deleted');
END;
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint
WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoint) BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never replaced');
END;

CREATE TRIGGER blob_update BEFORE UPDATE ON blob BEGIN
    SELECT RAISE(ABORT, 'blobs are never updated');
END;
CREATE TRIGGER blob_delete BEFORE DELETE ON blob BEGIN
    SELECT RAISE(ABORT, 'blobs are never deleted');
END;
CREATE TRIGGER blob_insert BEFORE INSERT ON blob
WHEN EXISTS (SELECT 1 FROM blob WHERE sha256 = NEW.sha256) BEGIN
    SELECT RAISE(ABORT, 'blobs are never replaced');
END;
