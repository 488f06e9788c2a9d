<?php

declare(strict_types=1);

/**
 * What went wrong, and why.
 *
 * @var string $heading HTML
 * @var string $why
 */

use Holdfast\Admin\Text;

?>
<div class="alone">
    <h1><?= $heading ?></h1>
    <p><?= Text::html($why) ?></p>
</div>
