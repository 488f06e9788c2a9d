<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\StoreException;
use Holdfast\Session;
use Holdfast\Users\Exception\InvalidName;
use Holdfast\Users\Exception\InvalidPassword;
use Holdfast\Users\Exception\NameTaken;
use Holdfast\Users\Exception\UnknownRole;
use Holdfast\Users\Exception\UnknownUser;
use Holdfast\Users\Name;
use Holdfast\Users\Passwords;
use Holdfast\Users\PdoMemberProvider;
use Holdfast\Users\PdoUser;
use Holdfast\Users\PdoUserProvider;
use Holdfast\Users\Role;
use Holdfast\Users\Roles;
use Holdfast\Users\Schema;
use PDO;
use PDOException;
use Throwable;

/**
 * The command holdfast-user.
 */
final class UserCommand
{
    public const DONE = 0;
    public const FAILED = 1;
    public const WRONG_USAGE = 2;
    public const NAME_TAKEN = 3;
    public const UNKNOWN_USER = 4;
    public const REFUSED = 5;
    public const UNKNOWN_ROLE = 6;
    public const SESSIONS_NOT_TOLD = 7;

    private const VERBS = 'install, install-members, create, password, delete, list, roles';

    private const HELP = <<<'TEXT'
        holdfast-user: the users of a site that uses Holdfast\Users\PdoUserProvider or PdoMemberProvider

        holdfast-user [options] install           makes the table of the users, unless it is there
        holdfast-user [options] install-members   makes it, and those of members and roles, unless they are there
        holdfast-user [options] create NAME       adds a user; asks for the password, twice
        holdfast-user [options] password NAME     gives the user another password; asks for it, twice
        holdfast-user [options] delete NAME       removes the user
        holdfast-user [options] list              one line for each user: id, name, created (UTC), with tabs between
        holdfast-user [options] roles             one line for each role: id, name, with a tab between
        holdfast-user [options] role NAME ROLE    gives the user a role, by its id or its name; the user's sessions see it at
                                                  their next request

        Options
          --dsn=DSN          the database, as PDO names it: sqlite:/path/to/file, mysql:unix_socket=...;dbname=...,
                             pgsql:host=...;dbname=...; default: the environment's HOLDFAST_USERS_DSN
          --table=TABLE      the table, perhaps with its schema: app.users; default: users
          --members=TABLE    the table of the members' data; default: members
          --roles=TABLE      the table of their roles; default: roles
          --store=DSN        role: where the site's sessions are; default: holdfast.store of PHP's command line, which must
                             also have the site's holdfast.cookie_name and run as the site's user
          --password-stdin   create, password: read the password from standard input, without the end of its last line
          --help, -h         this text

        Environment
          HOLDFAST_USERS_DSN        the database, where --dsn does not say it
          HOLDFAST_USERS_USER       the database's user, where it needs one
          HOLDFAST_USERS_PASSWORD   and its password

        A password is never an argument, as everybody on the machine can read those. A name that begins with - comes
        after --.

        Exit codes
          0  done
          1  it failed: the database can't be reached or used
          2  the command was called wrongly
          3  create: there is a user of this name already
          4  password, delete, role: there is no user of this name
          5  create, password: the name or the password is not allowed, or the two passwords differ
          6  role: there is no such role
          7  role: it was changed, but the sessions could not be told; call it again
        TEXT;

    /** @param array<string, string> $environment */
    public function __construct(private readonly Terminal $terminal, private readonly array $environment)
    {
    }

    /**
     * @param list<string> $arguments without the command's own name
     * @return int the exit code
     */
    public function run(array $arguments): int
    {
        try {
            $this->obey(Arguments::of($arguments));
            return self::DONE;
        } catch (Throwable $failure) {
            $this->terminal->complain('holdfast-user: ' . $failure->getMessage());
            return match (true) {
                $failure instanceof UsageError, $failure instanceof InvalidArgument => self::WRONG_USAGE,
                $failure instanceof NameTaken => self::NAME_TAKEN,
                $failure instanceof UnknownUser => self::UNKNOWN_USER,
                $failure instanceof UnknownRole => self::UNKNOWN_ROLE,
                $failure instanceof SessionsNotTold => self::SESSIONS_NOT_TOLD,
                $failure instanceof InvalidName, $failure instanceof InvalidPassword => self::REFUSED,
                default => self::FAILED,
            };
        }
    }

    private function obey(Arguments $arguments): void
    {
        if ($arguments->has('--help') || $arguments->has('-h')) {
            $this->terminal->show(self::HELP);
            return;
        }
        match ($arguments->words[0] ?? '') {
            'install' => $this->install($arguments),
            'install-members' => $this->installMembers($arguments),
            'create' => $this->create($arguments),
            'password' => $this->password($arguments),
            'delete' => $this->delete($arguments),
            'list' => $this->list($arguments),
            'roles' => $this->roles($arguments),
            'role' => $this->role($arguments),
            '' => throw new UsageError('Say what to do: ' . self::VERBS . ' or role. --help tells more.'),
            default => throw new UsageError('It knows ' . self::VERBS . ' and role. --help tells more.'),
        };
    }

    private function install(Arguments $arguments): void
    {
        $arguments->operands();
        Schema::install($this->connect($arguments, mayMakeFile: true), self::table($arguments));
        $this->terminal->say('The table ' . self::table($arguments) . ' is there.');
    }

    private function installMembers(Arguments $arguments): void
    {
        $arguments->operands();
        $tables = [self::table($arguments), ...self::memberTables($arguments)];
        Schema::installMembers($this->connect($arguments, mayMakeFile: true), ...$tables);
        $this->terminal->say('The tables ' . implode(', ', $tables) . ' are there.');
    }

    private function create(Arguments $arguments): void
    {
        [$name] = $arguments->operands('name');
        // Before anybody types a password in vain.
        $wanted = Name::from($name);
        $users = $this->users($arguments);
        if ($users->findByName($name) !== null) {
            throw NameTaken::by($wanted);
        }
        $user = $users->create($name, $this->newPassword($arguments));
        $this->terminal->say("User {$user->name} is there, with id {$user->id}.");
    }

    private function password(Arguments $arguments): void
    {
        [$name] = $arguments->operands('name');
        $users = $this->users($arguments);
        $user = $users->setPassword(self::find($users, $name), $this->newPassword($arguments));
        $this->terminal->say("User {$user->name} has another password.");
    }

    private function delete(Arguments $arguments): void
    {
        [$name] = $arguments->operands('name');
        $users = $this->users($arguments, withMembers: true);
        $user = self::find($users, $name);
        if (!$users->delete($user)) {
            throw new UnknownUser("User {$user->name} was deleted by somebody else.");
        }
        $this->terminal->say("User {$user->name}, id {$user->id}, is deleted.");
    }

    private function list(Arguments $arguments): void
    {
        $arguments->operands();
        foreach ($this->users($arguments)->all() as $user) {
            $this->terminal->say((string) $user->id, $user->name, $user->createdAt->format('Y-m-d\TH:i:s\Z'));
        }
    }

    private function roles(Arguments $arguments): void
    {
        $arguments->operands();
        foreach ($this->members($arguments)->roles->all() as $role) {
            $this->terminal->say((string) $role->id, $role->name);
        }
    }

    private function role(Arguments $arguments): void
    {
        [$name, $wanted] = $arguments->operands('name', 'role');
        $members = $this->members($arguments);
        $role = self::roleNamed($members->roles, $wanted);
        $user = self::find($members, $name);
        // Before anything is changed: what is no DSN of a store is refused here.
        $store = $arguments->option('--store');
        $session = new Session($store === null ? [] : ['store' => $store]);
        try {
            $members->setMemberRole($user, $role->id, $session);
        } catch (StoreException $failure) {
            throw new SessionsNotTold("User {$user->name} has the role {$role->name}, but the sessions can't be told: {$failure->getMessage()}");
        }
        $this->terminal->say("User {$user->name} has the role {$role->name}.");
    }

    private static function roleNamed(Roles $roles, string $wanted): Role
    {
        $isId = preg_match('/^[0-9]+$/D', $wanted) === 1;
        $found = array_values(array_filter(
            $roles->all(),
            static fn (Role $role): bool => $wanted === ($isId ? (string) $role->id : $role->name)
        ));
        return match (count($found)) {
            0 => throw new UnknownRole("There is no role $wanted: 'holdfast-user roles' lists what there is."),
            1 => $found[0],
            default => throw new UsageError("Several roles are named $wanted: give the id, which 'holdfast-user roles' tells."),
        };
    }

    private static function find(PdoUserProvider $users, string $name): PdoUser
    {
        return $users->findByName($name) ?? throw new UnknownUser("There is no user named $name.");
    }

    private function newPassword(Arguments $arguments): string
    {
        if ($arguments->has('--password-stdin')) {
            return $this->terminal->readAll(Passwords::MOST_BYTES);
        }
        $password = $this->terminal->ask('Password: ');
        if (!hash_equals($password, $this->terminal->ask('Once more: '))) {
            throw new InvalidPassword('The two passwords differ.');
        }
        return $password;
    }

    /** @param bool $withMembers where there are members' tables, a PdoMemberProvider */
    private function users(Arguments $arguments, bool $withMembers = false): PdoUserProvider
    {
        $pdo = $this->connect($arguments);
        return $withMembers && Schema::hasMembers($pdo, ...self::memberTables($arguments))
            ? new PdoMemberProvider($pdo, self::table($arguments), [], ...self::memberTables($arguments))
            : new PdoUserProvider($pdo, self::table($arguments));
    }

    private function members(Arguments $arguments): PdoMemberProvider
    {
        return new PdoMemberProvider($this->connect($arguments), self::table($arguments), [], ...self::memberTables($arguments));
    }

    /** @return array{string, string} */
    private static function memberTables(Arguments $arguments): array
    {
        return [$arguments->option('--members') ?? 'members', $arguments->option('--roles') ?? 'roles'];
    }

    private static function table(Arguments $arguments): string
    {
        return $arguments->option('--table') ?? 'users';
    }

    private function connect(Arguments $arguments, bool $mayMakeFile = false): PDO
    {
        $dsn = $arguments->option('--dsn') ?? $this->environment['HOLDFAST_USERS_DSN'] ?? '';
        if (preg_match('/^(sqlite|mysql|pgsql):(.*)$/Ds', $dsn, $parts) !== 1) {
            throw new UsageError('Name the database by --dsn=sqlite:..., mysql:... or pgsql:..., or in HOLDFAST_USERS_DSN.');
        }
        [, $driver, $place] = $parts;
        // Before PDO sees it, whose messages may quote a piece of what it does not understand.
        if (preg_match('/(^|[;\s])password\s*=/i', $place) === 1) {
            throw new UsageError("The DSN must not hold the database's password: put it into HOLDFAST_USERS_PASSWORD.");
        }
        if (!in_array($driver, PDO::getAvailableDrivers(), true)) {
            throw new UsageError("PHP's command line does not load the extension pdo_$driver.");
        }
        if ($driver === 'sqlite' && !$mayMakeFile && !is_file($place)) {
            throw new UsageError("There is no file $place: 'holdfast-user install' makes one.");
        }
        $password = $this->environment['HOLDFAST_USERS_PASSWORD'] ?? null;
        try {
            return new PDO($dsn, $this->environment['HOLDFAST_USERS_USER'] ?? null, $password);
        } catch (PDOException $failure) {
            $reason = $failure->getMessage();
            throw new ConnectionFailed('The database can\'t be reached: '
                . ($password === null || $password === '' ? $reason : str_replace($password, '(password)', $reason)));
        }
    }
}
