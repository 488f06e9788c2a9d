<?php

return [
    'name' => 'Holdfast',
    'description' => 'Answers who a member is, and what they may, from the store of the extension Holdfast, without a query.',
    'version' => '1.0.0',
    'author' => 'Holdfast',
    'author_url' => '',
    'namespace' => 'Holdfast\AddOn',
    'settings_exist' => true,
    'requires' => ['php' => '8.1', 'ee' => '7.0'],
    'cookies.necessary' => ['holdfast'],
];
