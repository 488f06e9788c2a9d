<?php

declare(strict_types=1);

/*
 * What the pages in ExpressionEngine's style share. ee()->session is the $session of the other pages.
 */

/** What the page "Crew's quarters" asks of the member's privileges. */
const PRIVILEGES = [
    'can_view_profiles' => 'See who is in the crew',
    'can_send_private_messages' => 'Send messages to the others',
    'can_access_publish' => 'Write in the log book',
    'can_edit_other_entries' => 'Correct what others wrote in it',
    'can_admin_members' => 'Give others another role',
];

/** Lets members in. Anybody else is sent to log in, and comes back to this page afterwards. */
function crewOnly(string $page): void
{
    if (!ee()->session->userdata('member_id')) {
        ee()->session->do_not_track();
        ee()->session->redirectUrl($page);
        ee()->session->set_flashdata('message_notice', 'The quarters are for the crew. Please log in.');
        ee()->functions->redirect('/login', false, 303);
    }
    if (ee()->session->userdata('is_banned')) {
        refuseCrew($page, 'You were put ashore', 'A Super Admin has banned you. The shop is open to you, the quarters are not.');
    }
}

/** A page that says why there is no other one. */
function refuseCrew(string $path, string $title, string $reason): never
{
    ee()->session->do_not_track();
    http_response_code(403);
    $session = ee()->session;
    require __DIR__ . '/../templates/header.php';
    ?>
    <h1><?= e($title) ?></h1>
    <p class="lead"><?= e($reason) ?></p>
    <p><a class="button" href="/">Back to the harbour</a></p>
    <?php
    require __DIR__ . '/../templates/footer.php';
    exit;
}

/**
 * Everybody in the crew. However often a page asks, the database is asked once.
 *
 * @return array<int, array<string, mixed>> what is known of each member, by their ids
 */
function crew(): array
{
    if (!ee()->session->cache('crew', 'members')) {
        $members = [];
        foreach (users()->all() as $user) {
            $members[$user->id] = users()->getMemberData($user);
        }
        ee()->session->set_cache('crew', 'members', $members);
    }

    return ee()->session->cache('crew', 'members');
}

/** @return array<int, string> the names of the roles that members can have, by their numbers; nobody is a guest by role */
function roles(): array
{
    if (!ee()->session->cache('crew', 'roles')) {
        $roles = array_column(users()->roles->all(), 'name', 'id');
        ee()->session->set_cache('crew', 'roles', array_diff_key($roles, [Holdfast\Users\Role::GUESTS => true]));
    }

    return ee()->session->cache('crew', 'roles');
}

/** @return list<string> the paths of the pages that this visitor saw last, before this one */
function pagesBefore(): array
{
    $pages = array_slice(ee()->session->tracker, 1);

    return array_map(fn (string $page): string => $page === 'index' ? '/' : "/$page", $pages);
}
