<?php

return [
    'name' => 'Probe',
    'description' => 'Runs the code of a test within ExpressionEngine: by a command, and in a page that a template makes.',
    'version' => '1.0.0',
    'author' => 'Holdfast',
    'author_url' => '',
    'namespace' => 'Holdfast\Tests\ExpressionEngineSite\Probe',
    'settings_exist' => false,
    'commands' => ['probe:run' => \Holdfast\Tests\ExpressionEngineSite\Probe\Commands\Run::class],
];
