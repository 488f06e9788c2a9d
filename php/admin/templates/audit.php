<?php

declare(strict_types=1);

/**
 * The end of the audit log.
 *
 * @var Holdfast\Admin\AuditTrail $trail
 * @var string $event of these events alone, '' = all
 * @var string $search
 * @var string $before '' = the newest ones
 */

use Holdfast\Admin\AuditTrail;
use Holdfast\Admin\Links;
use Holdfast\Admin\Text;

$prefix = Links::PREFIX;
$shown = array_filter(['event' => $event, 'search' => $search]);
$text = static fn (mixed $value): string => is_scalar($value) ? Text::foreign((string) $value) : '';
?>
<h1><?= $heading ?></h1>
<?php if ($trail->state !== 'file'): ?>
<div class="empty">
<?php if ($trail->state === 'off'): ?>
    <h2>No audit log is kept</h2>
    <p>With a line in <code>php.ini</code>, what happens to sessions is written down: who logged in, which ids were refused, who ended what.</p>
    <pre>holdfast.audit = /var/log/holdfast/audit.log</pre>
<?php elseif ($trail->state === 'syslog'): ?>
    <h2>The audit log goes to syslog</h2>
    <p>This page shows files alone. <code>holdfast.audit = <?= Text::html($trail->place) ?></code></p>
<?php elseif ($trail->state === 'absent'): ?>
    <h2>Nothing has happened yet</h2>
    <p>There is no <code><?= Text::html($trail->place) ?></code>: the first event makes it.</p>
<?php else: ?>
    <h2>The audit log can’t be read</h2>
    <p><code><?= Text::html($trail->place) ?></code> is no file that PHP may read here.</p>
<?php endif ?>
</div>
<?php else: ?>
<form class="search" method="get" action="<?= Text::html($links->path()) ?>" role="search">
    <?= $links->hiddenFields(['view' => 'audit']) ?>

    <label class="wide"><span>Search</span>
        <input type="search" name="<?= $prefix ?>search" value="<?= Text::html($search) ?>" placeholder="User, address, session or operator" autocomplete="off" spellcheck="false"></label>
    <label><span>Event</span>
        <select name="<?= $prefix ?>event"><?php foreach (['' => 'All events'] + AuditTrail::kinds() as $kind => $words): ?><option value="<?= $kind ?>"<?= $kind === $event ? ' selected' : '' ?>><?= $words ?></option><?php endforeach ?></select></label>
    <div class="buttons">
        <button>Search</button>
<?php if ($shown !== []): ?>
        <a class="button quiet" href="<?= Text::html($links->to(['view' => 'audit'])) ?>">Show all</a>
<?php endif ?>
    </div>
</form>
<?php if ($trail->events === []): ?>
<div class="empty">
    <h2>No such event <?= $trail->older === null ? '' : 'in this part of the log' ?></h2>
    <p>The log is read from its end, a part at a time.</p>
</div>
<?php else: ?>
<table class="audit">
    <thead>
        <tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">User</th><th scope="col">Address</th><th scope="col">Session</th><th scope="col">More</th></tr>
    </thead>
    <tbody>
<?php foreach ($trail->events as $fields):
    $user = $fields['user'] ?? null;
    $hash = $fields['user_hash'] ?? $fields['name_hash'] ?? null;
    $more = [];
    foreach (['by' => 'by', 'by_hash' => 'by', 'count' => 'number', 'to' => 'now', 'cookie' => 'cookie', 'expired' => 'over since'] as $key => $name) {
        if (isset($fields[$key])) {
            $more[] = "$name <bdi>{$text($fields[$key])}</bdi>";
        }
    }
    $time = is_string($fields['time'] ?? null) ? $fields['time'] : '';
    ?>
        <tr>
            <td class="time" data-name="Time"><time datetime="<?= Text::foreign($time) ?>"><?= Text::foreign(substr(strtr($time, ['T' => ' ', 'Z' => '']), 0, 19)) ?></time></td>
            <th scope="row" class="what"><?= Text::html(AuditTrail::words($fields)) ?></th>
            <td class="user" data-name="User"><?php if (is_scalar($user)): ?><a href="<?= Text::html($links->to(['view' => 'sessions', 'user' => (string) $user])) ?>"><bdi><?= $text($user) ?></bdi></a><?php elseif ($hash !== null): ?><code title="A hash: the name itself is not in the log"><?= $text($hash) ?></code><?php else: ?><span class="none">–</span><?php endif ?></td>
            <td class="address" data-name="Address"><?= isset($fields['address']) ? $text($fields['address']) : '<span class="none">–</span>' ?></td>
            <td class="session" data-name="Session"><?= isset($fields['session']) ? "<code>{$text($fields['session'])}</code>" : '<span class="none">–</span>' ?></td>
            <td class="more" data-name="More"><?= implode(', ', $more) ?: '<span class="none">–</span>' ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
<?php endif ?>
<nav class="pages" aria-label="Parts of the log">
<?php if ($before !== ''): ?>
    <a class="button quiet" href="<?= Text::html($links->to(['view' => 'audit'] + $shown)) ?>">Newest</a>
<?php endif ?>
<?php if ($trail->older !== null): ?>
    <a class="button quiet" href="<?= Text::html($links->to(['view' => 'audit', 'before' => $trail->older] + $shown)) ?>">Older</a>
<?php else: ?>
    <span class="place">The log begins here.</span>
<?php endif ?>
</nav>
<p class="note">Times are UTC. <code><?= Text::html($trail->place) ?></code> names sessions by hashes: no id is in it.</p>
<?php endif ?>
