<?php

declare(strict_types=1);

use Holdfast\User;
use Holdfast\Users\PdoUser;
use Holdfast\Users\PdoUserProvider;

/**
 * The shop's members: who they are is in the users' table of docs/users.md; their roles and what they say of themselves
 * are in a table beside it. userdata() is made of both, once, at the login.
 */
final class CrewProvider implements Holdfast\MemberProvider
{
    /** Numbers up to 5 as ExpressionEngine has them; from 6 on they are a site's own. Nobody is a guest by role. */
    public const ROLES = [1 => 'Super Admin', 5 => 'Members', 6 => 'Editors', 4 => 'Pending', 2 => 'Banned'];

    private const SUPER_ADMIN = 1;
    private const MEMBERS = 5;

    /** What Super Admins, Pending and Banned may do is said by their numbers alone. */
    private const PRIVILEGES = [
        5 => ['can_view_profiles', 'can_send_private_messages'],
        6 => ['can_view_profiles', 'can_send_private_messages', 'can_access_publish', 'can_edit_other_entries'],
    ];

    private readonly PdoUserProvider $users;

    public function __construct(private readonly PDO $pdo)
    {
        $this->users = new PdoUserProvider($pdo);
    }

    public static function install(PDO $pdo): void
    {
        Holdfast\Users\Schema::install($pdo);
        $pdo->exec('CREATE TABLE members (
            user_id INTEGER PRIMARY KEY, role_id INTEGER NOT NULL, screen_name TEXT NOT NULL, email TEXT NOT NULL,
            version INTEGER NOT NULL DEFAULT 1
        )');
    }

    public function findByName(string $name): ?PdoUser
    {
        return $this->users->findByName($name);
    }

    public function findById(int|string $id): ?PdoUser
    {
        return $this->users->findById($id);
    }

    public function verifyPassword(?User $user, #[\SensitiveParameter] string $password): bool
    {
        return $this->users->verifyPassword($user, $password);
    }

    /** @return array<string, mixed> */
    public function getMemberData(User $user): array
    {
        [$role, $screenName, $email] = $this->row($user);
        $privileges = array_fill_keys(self::PRIVILEGES[$role] ?? [], 'y');

        return $privileges + [
            'screen_name' => $screenName,
            'email' => $email,
            'group_id' => $role,
            'group_title' => self::ROLES[$role],
        ];
    }

    public function getMemberVersion(User $user): int
    {
        return (int) $this->row($user)[3];
    }

    /** The first who signs up can change the roles of the others. */
    public function create(string $name, #[\SensitiveParameter] string $password): PdoUser
    {
        $user = $this->users->create($name, $password);
        $role = $user->id === 1 ? self::SUPER_ADMIN : self::MEMBERS;
        $this->pdo->prepare('INSERT INTO members (user_id, role_id, screen_name, email) VALUES (?, ?, ?, ?)')
            ->execute([$user->id, $role, $user->name, '']);

        return $user;
    }

    /** @return iterable<PdoUser> */
    public function all(): iterable
    {
        return $this->users->all();
    }

    /** @param array{screen_name: string, email: string} $data */
    public function setMemberData(User $user, array $data, Session $session): void
    {
        $this->pdo->prepare('UPDATE members SET screen_name = ?, email = ?, version = version + 1 WHERE user_id = ?')
            ->execute([$data['screen_name'], $data['email'], $user->getId()]);
        $session->invalidateUserdata($user);
    }

    public function setMemberRole(User $user, int $role, Session $session): void
    {
        $this->pdo->prepare('UPDATE members SET role_id = ?, version = version + 1 WHERE user_id = ?')
            ->execute([$role, $user->getId()]);
        $session->invalidateUserdata($user);
    }

    /** @return array{int, string, string, int} */
    private function row(User $user): array
    {
        $select = $this->pdo->prepare('SELECT role_id, screen_name, email, version FROM members WHERE user_id = ?');
        $select->execute([$user->getId()]);

        return $select->fetch(PDO::FETCH_NUM);
    }
}
