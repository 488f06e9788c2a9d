<?php

declare(strict_types=1);

/**
 * The users of ListedUsers with the data of a file, and a note of each call. Who finds a file `hold` makes it `held`, and gives
 * the data when that is gone.
 */
final class ListedMembers implements Holdfast\MemberProvider
{
    private readonly ListedUsers $users;

    public function __construct(private readonly string $directory)
    {
        $this->users = new ListedUsers();
    }

    public function findByName(string $name): ?Holdfast\User
    {
        $this->note(__FUNCTION__);
        return $this->users->findByName($name);
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        $this->note(__FUNCTION__);
        return $this->users->findById($id);
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        $this->note(__FUNCTION__);
        return $this->users->verifyPassword($user, $password);
    }

    public function getMemberData(Holdfast\User $user): array
    {
        $this->note(__FUNCTION__);
        $data = $this->member($user)['data'];
        $held = "$this->directory/held";
        if (@rename("$this->directory/hold", $held)) {
            for ($end = microtime(true) + 20; file_exists($held) && microtime(true) < $end; clearstatcache()) {
                usleep(2000);
            }
        }
        return $data;
    }

    public function getMemberVersion(Holdfast\User $user): int|string
    {
        $this->note(__FUNCTION__);
        return $this->member($user)['version'];
    }

    /** @return array{version: int, data: array<string, mixed>} */
    private function member(Holdfast\User $user): array
    {
        $members = json_decode((string) file_get_contents("$this->directory/members.json"), true, flags: JSON_THROW_ON_ERROR);
        return $members[$user->getName()];
    }

    private function note(string $method): void
    {
        file_put_contents("$this->directory/calls", "$method\n", FILE_APPEND);
    }
}
