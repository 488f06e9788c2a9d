<?php

declare(strict_types=1);

$lessons = [
    'Put something in the cart' => [
        'pages/cart.php',
        <<<'CODE'
        $session->cart['compass'] = 2;
        CODE,
    ],
    'Remember what was looked at' => [
        'pages/product.php',
        <<<'CODE'
        $session->seen = ['compass', ...$session->seen ?? []];
        CODE,
    ],
    'Say something on the next page' => [
        'pages/cart.php, templates/header.php',
        <<<'CODE'
        $session->message('It is in your cart.');
        $session->redirect('/cart', 303);

        foreach ($session->messages() as $notice) {
            echo $notice->html();
        }
        CODE,
    ],
    'Protect a form' => [
        'templates/product-card.php, public/index.php',
        <<<'CODE'
        <form method="post" action="/cart">
            <?= $session->CSRF->renderInput() ?>

        if (!$session->CSRF->hasValidToken()) {
            http_response_code(403);
        }
        CODE,
    ],
    'Log in' => [
        'pages/login.php, src/members.php',
        <<<'CODE'
        $session->setUserProvider($users);

        $user = $session->login($name, $password);
        $session->rememberMe();

        $session->isLoggedin();
        $session->getUser()->getName();
        CODE,
    ],
    'Log out everywhere else' => [
        'pages/devices.php',
        <<<'CODE'
        foreach ($session->getSessions() as $device) {
            echo e($device->userAgent);
        }
        $session->endOtherSessions();
        CODE,
    ],
    'Ask as ExpressionEngine does' => [
        'pages/crew.php, pages/crew-profile.php',
        <<<'CODE'
        ee()->session->userdata('screen_name');
        ee()->session->userdata('group_id') == 1;

        ee()->session->set_flashdata('message_success', 'Changed.');
        ee()->functions->redirect('/crew', false, 303);
        CODE,
    ],
    'Keep names apart in a namespace' => [
        'src/visit.php',
        <<<'CODE'
        $session->setFor('visit', 'began', time());
        $session->getFor('visit', 'began');
        CODE,
    ],
    'Count, whoever else counts' => [
        'pages/parallel-request.php',
        <<<'CODE'
        $session->increment('n');
        CODE,
    ],
    'Let requests wait for each other' => [
        'src/parallel.php',
        <<<'CODE'
        $locked = new Session([
            'cookie_name' => 'holdfast_locked',
            'locking' => true,
        ]);
        CODE,
    ],
];
?>
<section aria-labelledby="lessons">
    <h2 id="lessons">How the shop does it</h2>
    <p>
        No page opens this session, saves it or closes it. <code>$session</code> is there, and what changed is
        saved at the end of the request, merged with what <a href="/parallel">parallel requests</a> have changed.
    </p>
    <ul class="lessons">
        <?php foreach ($lessons as $lesson => [$file, $code]) : ?>
            <li>
                <h3><?= e($lesson) ?></h3>
                <pre><code><?= e($code) ?></code></pre>
                <p class="small"><?= e($file) ?></p>
            </li>
        <?php endforeach ?>
    </ul>
    <p>
        This shop counts your requests, so it stores something from the first page on. A site that changes nothing
        in the session stores nothing, and sends no cookie.
    </p>
</section>
