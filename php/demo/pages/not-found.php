<?php

declare(strict_types=1);

/** @var Session $session */

allowMethods('GET', 'HEAD');
http_response_code(404);
$session->do_not_track();

$title = 'Not found';
require __DIR__ . '/../templates/header.php';
?>
<h1>Lost at sea</h1>
<p class="lead">There is no such page here.</p>
<p><a class="button" href="/">Back to the harbour</a></p>
<?php
require __DIR__ . '/../templates/footer.php';
