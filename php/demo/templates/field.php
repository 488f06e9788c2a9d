<?php

declare(strict_types=1);

/**
 * A field of a form, with its label and what is wrong with it.
 *
 * @var array{string, string, string, string, string, 5?: string} $field name, label, type, autocomplete, value, hint
 * @var array<string, string> $problems what is wrong, by the names of fields
 */

[$id, $label, $type, $autocomplete, $value] = $field;
$hint = $field[5] ?? null;
$problem = $problems[$id] ?? null;
$notes = [...($problem === null ? [] : ["$id-problem"]), ...($hint === null ? [] : ["$id-hint"])];
?>
<div class="field">
    <label for="<?= e($id) ?>"><?= e($label) ?></label>
    <?php if ($problem !== null) : ?>
        <p class="problem" id="<?= e($id) ?>-problem"><?= e($problem) ?></p>
    <?php endif ?>
    <input id="<?= e($id) ?>" name="<?= e($id) ?>" type="<?= e($type) ?>" value="<?= e($value) ?>"
        autocomplete="<?= e($autocomplete) ?>" autocapitalize="none" spellcheck="false" required
        <?= $notes === [] ? '' : 'aria-describedby="' . e(implode(' ', $notes)) . '"' ?>
        <?= $problem === null ? '' : 'aria-invalid="true" autofocus' ?>>
    <?php if ($hint !== null) : ?>
        <p class="small" id="<?= e($id) ?>-hint"><?= e($hint) ?></p>
    <?php endif ?>
</div>
