<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\AddOn\Serving\Changes;
use Holdfast\AddOn\Serving\Statement;
use PHPUnit\Framework\TestCase;

use const Holdfast\Tests\TESTS;

/**
 * Whom a statement concerns, for statements as ExpressionEngine's models, its query builder and add-ons write them.
 */
final class StatementTest extends TestCase
{
    public static function setUpBeforeClass(): void
    {
        foreach (['Changes', 'Statement'] as $class) {
            require_once \dirname(TESTS, 2) . "/php/expressionengine/Serving/$class.php";
        }
    }

    /** @return array<string, array{string, list<string>|null}> the SQL, and whom it concerns: member 5, session x; null = it is passed over */
    public static function statements(): array
    {
        return [
            'a question' => ['SELECT * FROM exp_members WHERE member_id = 5', null],
            'another table' => ["UPDATE `exp_comments` SET `name` = 'exp_members' WHERE `author_id` = '5'", null],
            'a table whose name begins so' => ['UPDATE exp_members_bulk SET a = 1 WHERE member_id = 5', null],
            'a table of another prefix' => ['UPDATE shop_exp_members SET a = 1 WHERE member_id = 5', null],
            'a table in a value' => ["INSERT INTO `exp_channel_data` (`x`) VALUES ('UPDATE exp_members')", null],
            'a member' => ["UPDATE `exp_members` SET `screen_name` = 'Anna' WHERE `member_id` = '5'", ['m5']],
            'a member as a number' => ['update exp_members set private_messages = private_messages + 1 where member_id=5', ['m5']],
            'a member with a table before' => ['UPDATE `exp_members` SET `a` = 1 WHERE `exp_members`.`member_id` = 5', ['m5']],
            'some members' => ["DELETE FROM `exp_members` WHERE `member_id` IN (5, '6')", ['m5', 'm6']],
            'a condition in a value' => ["UPDATE exp_members SET signature = ' WHERE member_id = 9' WHERE member_id = 5", ['m5']],
            'a condition in a value with quotes' => ["UPDATE exp_members SET signature = 'it''s \\' WHERE member_id = 9' WHERE member_id = 5", ['m5']],
            'a value after the condition' => ["UPDATE exp_members SET a = 1 WHERE member_id = 5 AND username = 'x WHERE y OR z'", ['m5']],
            'the id in the new values only' => ["UPDATE exp_members SET member_id = 5 WHERE username = 'anna'", ['*']],
            'another member' => ['UPDATE exp_members SET a = 1 WHERE member_id != 5', ['*']],
            'alternatives' => ['UPDATE exp_members SET a = 1 WHERE member_id = 5 OR role_id = 3', ['*']],
            'rows of another table decide' => ['UPDATE exp_members m JOIN exp_orders o ON o.buyer = m.member_id SET m.a = 1 WHERE o.member_id = 5', ['*']],
            'two tables' => ['UPDATE exp_members m, exp_orders o SET m.a = 1 WHERE o.member_id = 5', ['*']],
            'rows that are joined' => ['DELETE m FROM exp_members m JOIN exp_orders o USING (x) WHERE o.member_id = 5', ['*']],
            'rows that are joined, with the table itself' => ['DELETE exp_members FROM exp_members JOIN exp_orders o USING (x) WHERE o.member_id = 5', ['*']],
            'rows of a table beside it, as ExpressionEngine removes old form tokens' => [
                'DELETE sh FROM exp_security_hashes sh LEFT JOIN exp_sessions s ON s.session_id = sh.session_id WHERE s.session_id IS NULL', null,
            ],
            'a new row with a question' => ['INSERT INTO exp_stats (total_members) SELECT COUNT(*) FROM exp_members', null],
            'a new row, ignored if it is there' => ['INSERT IGNORE INTO `exp_members_roles` (`member_id`, `role_id`) VALUES (5, 7)', ['m5']],
            'a question within' => ['UPDATE exp_members SET a = 1 WHERE role_id IN (SELECT role_id FROM exp_x WHERE member_id = 5)', ['*']],
            'some columns' => ['UPDATE exp_members SET a = 1, b = 2 WHERE member_id = 5 LIMIT 1', ['m5']],
            'a member who may be there' => ['INSERT INTO exp_members (member_id, a) VALUES (5, 1) ON DUPLICATE KEY UPDATE a = 1', ['*']],
            'all members' => ["UPDATE `exp_members` SET `dismissed_banner` = 'n'", ['*']],
            'members by a role' => ['UPDATE `exp_members` SET `role_id` = 5 WHERE `role_id` = 7', ['*']],
            'another column' => ['UPDATE exp_members SET a = 1 WHERE pmember_id = 5', ['*']],
            'a new member' => ["INSERT INTO `exp_members` (`role_id`, `username`) VALUES (5, 'anna')", []],
            'a row in the place of a member' => ["REPLACE INTO `exp_members` (`member_id`, `a`) VALUES (5, 1)", ['m5']],
            'a role for a member' => ["INSERT INTO `exp_members_roles` (`member_id`, `role_id`) VALUES ('5', 7)", ['m5']],
            'roles for members' => ['INSERT INTO `exp_members_roles` (`member_id`, `role_id`) VALUES (5, 7), (6, 7)', ['*']],
            'roles of one' => ["DELETE FROM `exp_members_roles` WHERE `member_id` = '5'", ['m5']],
            'a field of a member' => ['UPDATE `exp_member_data_field_12` SET `m_field_id_12` = 1 WHERE `member_id` = 5', ['m5']],
            'a role' => ["UPDATE `exp_roles` SET `name` = 'x' WHERE `role_id` = 5", ['*']],
            'a permission' => ['DELETE FROM `exp_permissions` WHERE `permission_id` IN (101)', ['*']],
            'a new permission' => ["INSERT INTO `exp_permissions` (`role_id`, `permission`) VALUES (7, 'can_x')", ['*']],
            'a setting' => ["UPDATE `exp_config` SET `value` = '192.0.2.9' WHERE `config_id` = 67", ['*']],
            'a session' => ["DELETE FROM `exp_sessions` WHERE `session_id` = 'x'", ['sx']],
            'some sessions' => ["DELETE FROM `exp_sessions` WHERE `session_id` IN ('x', 'y')", ['sx', 'sy']],
            'the others of a member' => ["DELETE FROM `exp_sessions` WHERE `member_id` = 5 AND `session_id` != 'x'", ['m5']],
            'those of an address' => ["DELETE FROM `exp_sessions` WHERE `ip_address` = '192.0.2.1'", ['*']],
            'a new session' => ["INSERT INTO `exp_sessions` (`session_id`) VALUES ('x')", []],
            'a session gets another id' => ["UPDATE exp_sessions SET session_id = 'y' WHERE session_id = 'x'", ['sx']],
            'a remembered login' => ["DELETE FROM `exp_remember_me` WHERE `remember_me_id` = 'x'", ['rx']],
            'the remembered logins of a member' => ["DELETE FROM `exp_remember_me` WHERE `member_id` = 5 AND `remember_me_id` != 'x'", ['m5']],
            'the old remembered logins' => ['DELETE FROM `exp_remember_me` WHERE `expiration` < 5 OR `last_refresh` < 6', []],
            'all of it' => ['TRUNCATE `exp_sessions`', ['*']],
            'a new column' => ['ALTER TABLE `exp_members` ADD `x` INT', ['*']],
        ];
    }

    /**
     * @dataProvider statements
     * @param list<string>|null $about
     */
    public function testWhomAStatementConcerns(string $sql, ?array $about): void
    {
        $names = [];
        foreach (['x', 'y'] as $id) {
            $names[Changes::session($id)] = "s$id";
            $names[Changes::remembered($id)] = "r$id";
        }
        $statement = Statement::parse($sql, 'exp_');
        $found = $statement === null ? null : array_map(static fn (string $key): string => $names[$key] ?? $key, $statement->about());
        self::assertSame($about, $found);
    }

    public function testTheIdThatASessionGets(): void
    {
        $id = static fn (string $sql): ?string => Statement::parse($sql, 'exp_')?->newSessionId();
        self::assertSame('y', $id("UPDATE exp_sessions SET session_id = 'y', last_activity = 1 WHERE session_id = 'x'"));
        self::assertNull($id("UPDATE exp_sessions SET session_id = 'x', last_activity = 1 WHERE session_id = 'x'"));
        self::assertNull($id("UPDATE exp_sessions SET last_activity = 1 WHERE session_id = 'x'"));
        self::assertNull($id("UPDATE exp_members SET session_id = 'y' WHERE session_id = 'x'"));
    }
}
