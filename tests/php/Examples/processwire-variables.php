<?php

// The examples of ProcessWire's documentation of $session that concern variables, as they stand there.

$session = new Session();
$session->setCookieName($cookieName = 'wire');
$session->init();
$session->start();
$cart = ['tea' => 2];

// Set a session variable
$session->set('cart', $cart);

// Get a session variable
$cart = $session->get('cart');
assert($cart === ['tea' => 2]);

// Remove a session variable
$session->remove('cart');
assert($session->get('cart') === null);

// The methods of its lists.
$key = 'key';
$value = ['value'];
$namespace = 'namespace';

$session->setTrackChanges($trackChanges = true);

$session->set($key, $value);
$session->setFor($namespace, $key, $value);
assert($session->get($key) === $value);
assert($session->getFor($namespace, $key) === $value);
assert(strlen($session->getId()) === 43);
assert($session->getCookieName() === 'wire');

$session->remove($key);
$session->removeFor($namespace, $key);
$session->setFor($namespace, $key, $value);
$session->removeAllFor($namespace);
assert($session->getAll() === []);

$session->save();
$session->destroy();

echo 'reached the end';
