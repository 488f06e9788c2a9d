<?php

declare(strict_types=1);

/**
 * A form without a valid token. It may be an honest one: tokens are new after every login and logout, and end with the
 * session.
 *
 * @var Session $session
 */

http_response_code(403);

$title = 'Not sent';
require __DIR__ . '/../templates/header.php';
?>
<h1>That form was not taken</h1>
<p class="lead">
    It was sent from another site, or it is from before your last login or logout. Nothing was changed.
</p>
<p>If it was yours: go back, load the page again and send the form once more.</p>
<p><a class="button" href="/">Back to the harbour</a></p>
<?php
require __DIR__ . '/../templates/footer.php';
