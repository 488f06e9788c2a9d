<?php

$lang = [
    'holdfast_module_name' => 'Holdfast',
    'holdfast_module_description' => 'Answers who a member is, and what they may, from the store of the extension Holdfast, without a query.',

    'cookie_holdfast' => 'Holdfast',
    'cookie_holdfast_desc' => 'Finds what is kept of a member who is logged in.',

    'holdfast_saved' => 'Saved',
    'holdfast_not_saved' => 'Not saved',

    'holdfast_enabled' => 'Serve members from the store',
    'holdfast_enabled_desc' => 'Off: ExpressionEngine asks the database on every page, as without this add-on.',
    'holdfast_max_age' => 'Longest time without the database',
    'holdfast_max_age_desc' => 'Seconds, at most 3600. What ExpressionEngine changes is seen at once. What is changed past it, by hand in the database or by another program, is seen after this time at the latest. 0: members are never served from the store.',
    'holdfast_activity' => 'Write last activity every',
    'holdfast_activity_desc' => 'Seconds, at most 3600. A member\'s pages within this time are written to the database as one. 0: every page is written.',
    'holdfast_forget' => 'Forget what is kept',
    'holdfast_forget_desc' => 'After a change that was made past ExpressionEngine: every member\'s next page asks the database.',

    'holdfast_state_Serving' => 'Members are served from the store.',
    'holdfast_state_Serving_desc' => 'Their first page asks the database, and the ones that follow don\'t.',
    'holdfast_state_SwitchedOff' => 'Switched off.',
    'holdfast_state_SwitchedOff_desc' => 'ExpressionEngine asks the database on every page.',
    'holdfast_state_NoExtension' => 'PHP has no extension Holdfast.',
    'holdfast_state_NoExtension_desc' => 'ExpressionEngine asks the database on every page. Install the extension, name a store by <code>holdfast.store</code> in php.ini, and restart PHP.',
    'holdfast_state_StoreFails' => 'The store can\'t be used.',
    'holdfast_state_StoreFails_desc' => 'ExpressionEngine asks the database on every page. PHP\'s error log says what is wrong; the store is what <code>holdfast.store</code> names in php.ini.',
    'holdfast_state_IdInUrls' => 'Sessions are kept by their id in the URL.',
    'holdfast_state_IdInUrls_desc' => 'Such sessions are not served from the store: set the website session type to cookies (Settings, Security &amp; Privacy).',
    'holdfast_state_NoKey' => 'There is no encryption key.',
    'holdfast_state_NoKey_desc' => 'Hashes of passwords are sealed with the <code>encryption_key</code> of system/user/config/config.php, which is empty. Nothing is kept until it is set.',
];
