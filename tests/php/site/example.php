<?php

/** Runs the example of ProcessWire's documentation that ?n= numbers, and then says what the session has. */

declare(strict_types=1);

$session = new Session();
$session->setUserProvider(new class implements Holdfast\UserProvider {
    public function findByName(string $name): ?Holdfast\User
    {
        return $name === 'username' ? $this->findById(1) : null;
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return new class implements Holdfast\User {
            public function getId(): int
            {
                return 1;
            }

            public function getName(): string
            {
                return 'username';
            }
        };
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return $user !== null && $password === 'password';
    }
});
$cart = ['tea' => 2];
if (isset($_GET['n'])) {
    $examples = explode("\n\n", trim((string) file_get_contents(__DIR__ . '/../Examples/processwire-usage.php.txt')));
    eval($examples[(int) $_GET['n']]);
}
header('Content-Type: application/json');
$text = static fn (Holdfast\Notice $notice): string => (string) $notice;
echo json_encode([
    'cart' => $session->cart,
    'messages' => array_map($text, $session->messages(false)),
    'errors' => array_map($text, $session->errors(false)),
    'isLoggedin' => $session->isLoggedin(),
]);
