<?php

namespace Holdfast\AddOn\Serving;

/**
 * What a statement of SQL changes of that which is kept. It errs to one side: what it can't tell is everybody's.
 */
final class Statement
{
    /** What these hold goes for everybody. */
    private const OF_ALL = 'roles|role_settings|role_groups|roles_role_groups|permissions|sites|config|member_fields';

    /** Rows of these are a member's. */
    private const OF_MEMBERS = 'members|member_data|member_data_field_\d+|members_roles|members_role_groups';

    /** Rows of these have an id, and a member. */
    private const WITH_IDS = ['sessions' => 'session_id', 'remember_me' => 'remember_me_id'];

    /** The table stands within so many bytes. */
    private const HEAD = 300;

    private function __construct(
        public readonly string $verb,
        public readonly string $table,
        private readonly string $text,
    ) {
    }

    /** The statement, if it writes to a table that anything is kept of. */
    public static function parse(string $sql, string $prefix): ?self
    {
        if (! preg_match('/^\s*(UPDATE|DELETE|INSERT|REPLACE|TRUNCATE|ALTER|DROP|RENAME)\b/i', $sql, $verb)) {
            return null;
        }
        $tables = self::OF_ALL . '|' . self::OF_MEMBERS . '|' . implode('|', array_keys(self::WITH_IDS));
        $head = (string) strtok(substr(str_replace('`', '', $sql), 0, self::HEAD), '\'"');
        $head = self::written($head);
        if (! preg_match('/(?<![\w.])' . preg_quote($prefix, '/') . "($tables)(?!\w)/i", $head, $table)) {
            return null;
        }

        return new self(strtoupper($verb[1]), strtolower($table[1]), $sql);
    }

    /** Of the beginning of a statement what names the tables that it writes to, where others stand beside them that it only reads. */
    private static function written(string $head): string
    {
        if (preg_match('/^\s*(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|INTO)\s+)*[\w.]+/i', $head, $into)) {
            return $into[0];
        }
        // DELETE a FROM table_a a JOIN table_b b: rows of table_a.
        if (preg_match('/^\s*DELETE\s+(?:(?:LOW_PRIORITY|QUICK|IGNORE)\s+)*(?!FROM\b)([\w., *]+?)\s+FROM\s(.*)$/is', $head, $delete)) {
            $aliases = implode('|', preg_split('/[\s,.*]+/', $delete[1], -1, PREG_SPLIT_NO_EMPTY));
            preg_match_all("/\\b([\\w.]+)\\s+(?:AS\\s+)?(?:$aliases)\\b/i", $delete[2], $tables);

            return implode(' ', [$delete[1], ...$tables[1]]);
        }

        return $head;
    }

    /** @return list<string> whom it concerns, as Changes names them; [] = nobody of whom anything can be kept */
    public function about(): array
    {
        if (preg_match('/^(?:' . self::OF_ALL . ')$/', $this->table)) {
            return [Changes::everybody()];
        }
        $id = self::WITH_IDS[$this->table] ?? null;
        if ($this->verb === 'INSERT' || $this->verb === 'REPLACE') {
            // A new member, a new session and a new remembered login were nobody's before.
            $isNew = $this->verb === 'INSERT' && ($id !== null || $this->table === 'members')
                && ! preg_match('/\bON\s+DUPLICATE\s+KEY\b/i', $this->text);

            return $isNew ? [] : $this->inserted();
        }
        if ($this->verb !== 'UPDATE' && $this->verb !== 'DELETE') {
            return [Changes::everybody()];
        }
        // Remembered logins that are too old are not served either.
        if ($this->table === 'remember_me' && preg_match('/WHERE[\s`(]*expiration[\s`]*</i', $this->text)) {
            return [];
        }
        $where = $this->where();
        if ($where === null) {
            return [Changes::everybody()];
        }
        if ($id !== null && ($ids = self::equal($where, $id)) !== []) {
            $name = $id === 'session_id' ? Changes::session(...) : Changes::remembered(...);

            return array_map($name, $ids);
        }
        if (($members = self::equal($where, 'member_id')) !== []) {
            return array_map(static fn (string $id): string => Changes::member((int) $id), $members);
        }

        return [Changes::everybody()];
    }

    /** The id that an update of a session gives it in the place of another; null when it keeps its own. */
    public function newSessionId(): ?string
    {
        if ($this->table !== 'sessions' || $this->verb !== 'UPDATE'
            || ! preg_match('/\bSET\b(.*)\bWHERE\b/is', $this->text, $set)) {
            return null;
        }
        $to = self::equal($set[1], 'session_id');
        $from = self::equal((string) $this->where(), 'session_id');

        return $to === [] || $to === $from ? null : $to[0];
    }

    /** The condition on the rows of this table; null when there is none, or when it is not on them alone. */
    private function where(): ?string
    {
        $blanked = (string) preg_replace_callback(
            '/\'(?:[^\'\\\\]|\\\\.|\'\')*\'|"(?:[^"\\\\]|\\\\.|"")*"/s',
            static fn (array $text): string => str_repeat('x', strlen($text[0])),
            $this->text
        );
        $at = stripos($blanked, 'WHERE');
        if ($at === false || preg_match('/\bOR\b|\|\||\bSELECT\b/i', $blanked)) {
            return null;
        }
        $tables = preg_split('/\bSET\b/i', substr($blanked, 0, $at))[0];

        return preg_match('/\bJOIN\b|\bUSING\b|,/i', $tables) ? null : substr($this->text, $at + 5);
    }

    /** @return list<string> the values that a column must have, by `=` or IN */
    private static function equal(string $condition, string $column): array
    {
        $value = '\'[^\'\\\\]*\'|\d+';
        if (! preg_match("/(?<![\\w])$column`?\\s*(?:=\\s*($value)|\\bIN\\s*\\(((?:\\s*(?:$value)\\s*,?)+)\\))/i", $condition, $found)) {
            return [];
        }
        preg_match_all("/$value/", $found[2] ?? $found[1], $values);

        return array_map(static fn (string $literal): string => trim($literal, "'"), $values[0]);
    }

    /** @return list<string> whose rows are inserted */
    private function inserted(): array
    {
        // One row with its columns named, as ExpressionEngine writes it.
        if (preg_match('/\(([^()]*)\)\s*VALUES\s*\(([\s\d\',]*)\)\s*;?\s*$/i', $this->text, $row)) {
            $columns = array_map(static fn (string $name): string => trim($name, " `\n"), explode(',', $row[1]));
            $values = array_map(static fn (string $value): string => trim($value, " '\n"), explode(',', $row[2]));
            $at = array_search('member_id', $columns, true);
            if ($at !== false && count($columns) === count($values) && ctype_digit($values[$at])) {
                return [Changes::member((int) $values[$at])];
            }
        }

        return [Changes::everybody()];
    }
}
