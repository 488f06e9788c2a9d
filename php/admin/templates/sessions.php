<?php

declare(strict_types=1);

/**
 * The list of sessions.
 *
 * @var Holdfast\Admin\SessionsQuery $query
 * @var list<array<string, mixed>> $sessions
 * @var int $matching
 * @var int $last the number of the last page
 * @var string $wrong what is wrong with the search, '' = nothing
 * @var array<string, string> $names of users who have one
 * @var int $now Unix seconds
 */

use Holdfast\Admin\Browser;
use Holdfast\Admin\Ending;
use Holdfast\Admin\Links;
use Holdfast\Admin\SessionsQuery;
use Holdfast\Admin\Text;

$columns = [
    'user' => 'User', 'address' => 'Address', '' => 'Browser', 'activity' => 'Last active', 'created' => 'Began', 'expires' => 'Ends',
    'bytes' => 'Size',
];
$back = array_diff_key($query->parameters(), ['view' => 1]);
$options = static function (array $choices, string|int $chosen): void {
    foreach ($choices as $value => $text) {
        echo '<option value="', Text::html($value), '"', (string) $value === (string) $chosen ? ' selected' : '', '>', $text, '</option>';
    }
};
$prefix = Links::PREFIX;
$first = ($query->page - 1) * SessionsQuery::ON_PAGE + 1;
$isOfUser = $query->user !== '';
?>
<div class="title">
    <h1><?= $heading ?></h1>
<?php if ($isOfUser && $matching > 0): $ending = Ending::ofUser($query->user) ?>
    <a class="button danger" href="<?= Text::html($links->to($ending->parameters() + $back)) ?>" data-end="user" data-whom="<?= rawurlencode($query->user) ?>"
        data-title="Log out everywhere?" data-text="<?= Text::count($matching, 'session', 'sessions') ?> will end, and all that is remembered of their logins." data-do="Log out everywhere">Log out everywhere</a>
<?php endif ?>
</div>

<?php if ($query->isOfUserAlone()): ?>
<p><a href="<?= Text::html($links->to(['view' => 'sessions'])) ?>">All sessions</a></p>
<?php else: ?>
<form class="search" method="get" action="<?= Text::html($links->path()) ?>" role="search">
    <?= $links->hiddenFields(array_intersect_key($query->parameters(), ['view' => 1, 'order' => 1, 'direction' => 1])) ?>

    <label class="wide"><span>Search</span>
        <input type="search" name="<?= $prefix ?>search" value="<?= Text::html($query->search) ?>" placeholder="User, address, browser or handle" autocomplete="off" spellcheck="false"></label>
    <label><span>Who</span>
        <select name="<?= $prefix ?>who"><?php $options(['' => 'Everybody', 'users' => 'Users', 'guests' => 'Guests'], $query->who) ?></select></label>
    <details<?= $query->hasFoldedFilters() ? ' open' : '' ?>>
        <summary>More filters</summary>
        <div>
            <label><span>User id</span>
                <input name="<?= $prefix ?>user" value="<?= Text::html($query->user) ?>" autocomplete="off" spellcheck="false"></label>
            <label><span>Network</span>
                <input name="<?= $prefix ?>network" value="<?= Text::html($query->network) ?>" placeholder="10.0.0.0/8" autocomplete="off" spellcheck="false"<?= $wrong === '' ? '' : ' aria-invalid="true" aria-describedby="wrong"' ?>></label>
            <label><span>Not active for</span>
                <select name="<?= $prefix ?>idle"><?php $options(['' => 'Any time'] + SessionsQuery::IDLE, $query->idle ?: '') ?></select></label>
            <label><span>At least</span>
                <select name="<?= $prefix ?>larger"><?php $options(['' => 'Any size'] + SessionsQuery::LARGER, $query->larger ?: '') ?></select></label>
        </div>
    </details>
    <div class="buttons">
        <button>Search</button>
<?php if ($query->isFiltered()): ?>
        <a class="button quiet" href="<?= Text::html($links->to(['view' => 'sessions'])) ?>">Show all</a>
<?php endif ?>
    </div>
</form>
<?php endif ?>

<?php if ($wrong !== ''): ?>
<p class="wrong" id="wrong" role="alert"><?= Text::html($wrong) ?></p>
<?php elseif ($sessions === []): ?>
<div class="empty">
    <h2><?= $query->isOfUserAlone() ? 'Logged in nowhere' : ($query->isFiltered() ? 'No session matches' : 'There are no sessions') ?></h2>
    <p><?= $query->isOfUserAlone() ? 'This user has no session.' : ($query->isFiltered() ? 'Search for less, or <a href="' . Text::html($links->to(['view' => 'sessions'])) . '">show all</a>.' : 'The first visitor for whom the site stores something begins one.') ?></p>
</div>
<?php else: ?>
<p class="count"><?= $query->isFiltered() && !$query->isOfUserAlone() ? Text::count($matching, 'session matches', 'sessions match') : Text::count($matching, 'session', 'sessions') ?><?php if ($last > 1): ?>,
    <?= Text::number($first) ?> to <?= Text::number($first + count($sessions) - 1) ?> shown<?php endif ?></p>
<table class="sessions">
    <thead>
        <tr>
<?php foreach ($columns as $order => $name): $isOrder = $order === $query->order ?>
            <th scope="col" class="<?= $order === '' ? 'browser' : $order ?>"<?= $isOrder ? ' aria-sort="' . ($query->isDescending ? 'descending' : 'ascending') . '"' : '' ?>><?php if ($order === ''): ?><?= $name ?><?php else: ?><a href="<?= Text::html($links->to($query->orderedBy($order))) ?>"><?= $name ?><?= $isOrder ? '<span aria-hidden="true">' . ($query->isDescending ? ' ↓' : ' ↑') . '</span>' : '' ?></a><?php endif ?></th>
<?php endforeach ?>
            <th scope="col" class="act"><span class="unseen">Action</span></th>
        </tr>
    </thead>
    <tbody>
<?php foreach ($sessions as $session):
    $isGuest = $session['user'] === '';
    $short = substr($session['handle'], 0, 8);
    $name = Text::foreign($names[$session['user']] ?? $session['user']);
    $browser = $session['userAgent'] === '' ? '' : Text::foreign(Browser::of($session['userAgent']));
    $ending = Ending::ofSession($session['handle']);
    ?>
        <tr>
            <th scope="row" class="user"><?php if ($isGuest): ?><span class="guest">Guest</span><?php elseif ($isOfUser): ?><bdi><?= $name ?></bdi><?php else: ?><a href="<?= Text::html($links->to(['view' => 'sessions', 'user' => $session['user']])) ?>"><bdi><?= $name ?></bdi></a><?php endif ?>
                <code title="Handle <?= $session['handle'] ?>"><?= $short ?></code></th>
            <td class="address" data-name="Address"><?= $session['address'] === '' ? '<span class="none">–</span>' : Text::foreign($session['address']) ?></td>
            <td class="browser" data-name="Browser"><?= $browser === '' ? '<span class="none">–</span>' : '<bdi title="' . Text::foreign($session['userAgent']) . "\">$browser</bdi>" ?><?= $session['isRestored'] ? ' <span class="tag" title="Came back by a remembered login, without a password">remembered</span>' : '' ?></td>
            <td class="activity" data-name="Last active"><?= Text::time($session['lastActivity'], $now) ?></td>
            <td class="created" data-name="Began"><?= Text::time($session['created'], $now) ?></td>
            <td class="expires" data-name="Ends"><?= Text::time($session['expires'], $now) ?></td>
            <td class="bytes" data-name="Size"><?= Text::bytes($session['bytes']) ?></td>
            <td class="act"><a class="button quiet danger" href="<?= Text::html($links->to($ending->parameters() + $back)) ?>" aria-label="End session <?= $short ?>" data-end="session" data-whom="<?= $session['handle'] ?>"
                data-title="End this session?" data-text="<?= $isGuest ? 'A guest' : "User $name" ?><?= $browser === '' ? '' : ", $browser" ?><?= $session['address'] === '' ? '' : ', from ' . Text::foreign($session['address']) ?>. Whoever has it is a guest from their next request on; a remembered login ends with it." data-do="End session">End</a></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
<?php if ($last > 1): ?>
<nav class="pages" aria-label="Pages of the list">
<?php
    $steps = [
        'First' => $query->page > 1 ? 1 : null,
        'Previous' => $query->page > 1 ? $query->page - 1 : null,
        'Next' => $query->page < $last ? $query->page + 1 : null,
        'Last' => $query->page < $last ? $last : null,
    ];
    foreach ($steps as $step => $page):
        if ($step === 'Next'): ?>
    <span class="place">Page <?= Text::number($query->page) ?> of <?= Text::number($last) ?></span>
<?php   endif;
        if ($page === null): ?>
    <span class="button quiet" aria-disabled="true"><?= $step ?></span>
<?php   else: ?>
    <a class="button quiet" href="<?= Text::html($links->to($query->atPage($page, $matching)->parameters())) ?>"><?= $step ?></a>
<?php   endif;
    endforeach ?>
</nav>
<?php endif ?>
<?php endif ?>

<dialog id="ask" aria-labelledby="ask-title" aria-describedby="ask-text">
    <form method="post" action="<?= Text::html($links->to($query->parameters())) ?>">
        <?= $token->field() ?>

        <input type="hidden" name="<?= $prefix ?>end">
        <input type="hidden" name="<?= $prefix ?>whom">
        <h2 id="ask-title"></h2>
        <p id="ask-text"></p>
        <div class="buttons">
            <button type="button" class="quiet" autofocus>Cancel</button>
            <button class="danger"></button>
        </div>
    </form>
</dialog>
