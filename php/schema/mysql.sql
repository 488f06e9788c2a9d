-- The users of a site, for MariaDB and MySQL. What the columns mean: docs/users.md.
-- ascii_bin: names and hashes are ASCII, and only the same bytes are equal.
CREATE TABLE IF NOT EXISTS `users` (
    id            BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name          VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name_key      VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version       BIGINT       NOT NULL DEFAULT 1,
    created_at    BIGINT       NOT NULL,
    updated_at    BIGINT       NOT NULL,
    UNIQUE KEY name_key (name_key)
) ENGINE = InnoDB;
