<?php

declare(strict_types=1);

/*
 * Who is who. The shop's members are in the database that php/demo/serve makes; see docs/members.md.
 */

require_once __DIR__ . '/../../autoload.php';

use Holdfast\Users\PdoMemberProvider;
use Holdfast\Users\PdoUser;
use Holdfast\Users\Role;

function users(): PdoMemberProvider
{
    static $users = null;

    // Connects when it is first asked: a page that knows its visitor from the session makes no connection.
    return $users ??= new PdoMemberProvider(fn (): PDO => new PDO(getenv('HOLDFAST_USERS_DSN')));
}

/** Adds a member. The first is a Super Admin, who can give the others their roles. */
function signUp(Session $session, string $name, #[\SensitiveParameter] string $password): PdoUser
{
    $user = users()->create($name, $password);

    return $user->id === 1 ? users()->setMemberRole($user, Role::SUPERADMINS, $session) : $user;
}

/** The member who is logged in. Anybody else is sent to log in, and comes back to this page afterwards. */
function member(Session $session, string $page): PdoUser
{
    $user = $session->getUser();
    if ($user === null) {
        $session->redirectUrl($page);
        $session->warning('That page is for members. Please log in.');
        $session->redirect('/login', 303);
    }

    return $user;
}

/** After a login: on to the page that asked for it. */
function welcome(Session $session, PdoUser $user): never
{
    $page = $session->redirectUrl() ?: '/members';
    $session->redirectUrl(null);
    $session->message("Welcome aboard, {$user->getName()}.");
    $session->redirect($page, 303);
}
