<?php

declare(strict_types=1);

/** An object that ext/soap keeps in the session: it writes to the array of $_SESSION and asks nobody. */
final class Counter
{
    private int $count = 0;

    public function add(int $by): int
    {
        return $this->count += $by;
    }
}

if ($_GET['do'] === 'add') {
    $server = new SoapServer(null, ['uri' => 'urn:counter']);
    $server->setClass(Counter::class);
    $server->setPersistence(SOAP_PERSISTENCE_SESSION);
    $server->handle(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        . '<c:add xmlns:c="urn:counter"><by>3</by></c:add></e:Body></e:Envelope>'
    );
    return;
}
session_start();
if ($_GET['do'] === 'fill') {
    for ($n = 0; $n < 20; ++$n) {
        $_SESSION["list$n"] = ['n' => $n, 'rows' => array_fill(0, 10, ['title' => "row of $n"])];
    }
}
$lists = array_filter($_SESSION, 'is_array');
ob_start();
phpinfo(INFO_MODULES);
preg_match('/Worker cache: sessions that nobody had changed *<.*?<td class="v">(\d+)/', (string) ob_get_clean(), $found);
echo count($lists), ' ', md5(serialize($lists)), ' ', $found[1] ?? 'unknown';
