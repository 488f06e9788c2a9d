<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

use Holdfast\Tests\Browser\Browser;

/**
 * S33: a token that is missing, empty, an array, too long, of wrong characters or another one never passes, also when the
 * session has none; and asking makes neither a session nor a token.
 */
final class MalformedTokensTest extends CsrfTestCase
{
    public function testS33NoMalformedTokenPassesInALiveSession(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        foreach ($this->forms($token) as $what => $fields) {
            self::assertFalse(self::post($visitor, $fields), $what);
            self::assertFalse(self::post($visitor, $fields, ['hasValidToken', '', true]), $what);
            self::assertRefused(self::post($visitor, $fields, ['validate']));
        }
        foreach ($this->texts($token['value']) as $what => $text) {
            foreach (self::headers($token['name'], $text) as $headers) {
                self::assertFalse(self::post($visitor, [], ['hasValidToken'], $headers), "$what in a header");
            }
        }
        self::assertTrue(self::post($visitor, self::form($token)), 'and all of that has harmed nothing');
    }

    public function testS33NoMalformedTokenPassesForASingleUseTokenNorUsesItUp(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        foreach ($this->forms($token) as $what => $fields) {
            self::assertFalse(self::post($visitor, $fields, ['hasValidToken', 'order']), $what);
        }
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
    }

    public function testS33NothingPassesWithoutASessionAndNoneIsMade(): void
    {
        $token = self::call(self::visitor(), 'getToken');
        foreach ($this->forms($token) + ['a good one of another session' => self::form($token)] as $what => $fields) {
            $visitor = self::visitor();
            $page = $visitor->send(self::request([['hasValidToken'], ['hasValidToken', 'cart', true], ['validate'], ['getId']], $fields));
            [$has, $hasOfCart, $thrown, $id] = self::results($page);
            self::assertSame([false, false, ''], [$has, $hasOfCart, $id], $what);
            self::assertRefused($thrown);
            self::assertSame([], self::said($page)['variables'], $what);
            self::assertSame([], $page->cookies(), $what);
        }
    }

    public function testS33NothingPassesInASessionWithoutTokensAndNoneIsMade(): void
    {
        $token = self::call(self::visitor(), 'getToken');
        foreach ($this->forms($token) + ['a good one of another session' => self::form($token)] as $what => $fields) {
            $visitor = self::visitorWithSession();
            self::assertFalse(self::post($visitor, $fields), $what);
            self::assertRefused(self::post($visitor, $fields, ['validate', 'order']));
            self::assertSame(['a' => 1], self::call($visitor, 'getAll'), $what);
        }
    }

    /** What the script puts into $_POST, or a visitor into the address, was not posted. */
    public function testS33OnlyWhatWasPostedCounts(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $request = self::request([['hasValidToken']], ['comment' => 'hello']);
        $address = $request->path . '&' . http_build_query(self::form($token));
        self::assertSame([false], self::results($visitor->post($address, ['comment' => 'hello'])));
        $visitor->cookies[$token['name']] = $token['value'];
        self::assertFalse(self::post($visitor, ['comment' => 'hello']), 'in a cookie');
    }

    /**
     * @param array{name: string, value: string} $token
     * @return array<string, array<string, mixed>> the fields of forms
     */
    private function forms(array $token): array
    {
        ['name' => $name, 'value' => $value] = $token;
        $forms = array_map(static fn (string $text): array => [$name => $text], $this->texts($value));
        return $forms + [
            'no field' => ['comment' => 'hello'],
            'a list' => [$name => [$value]],
            'a map' => [$name => ['value' => $value]],
            'a list of lists' => [$name => [[$value]]],
            'an empty list' => [$name => ['']],
            'a name in lower case' => [strtolower($name) => $value],
            'a name cut off' => [substr($name, 0, -1) => $value],
            'a name with more' => [$name . '0' => $value],
            'no name' => ['TOKEN' => $value],
            'the value as the name' => [$value => $name],
            'the secret as ProcessWire kept it' => ['SessionCSRF' => [$name => $value]],
        ];
    }

    /** @return array<string, string> what is no token */
    private function texts(string $value): array
    {
        $decoded = (string) base64_decode(strtr($value, '-_', '+/'), true);
        [$pad, $masked] = str_split($decoded, 32);
        $encode = static fn (string $bytes): string => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
        $flipped = $value;
        $flipped[40] = $flipped[40] === 'A' ? 'B' : 'A';
        return [
            'empty' => '',
            'zero' => '0',
            'one' => '1',
            'null in words' => 'null',
            'true in words' => 'true',
            'an array in words' => 'Array',
            'one character' => $value[0],
            'cut off by one' => substr($value, 0, -1),
            'cut off in the middle' => substr($value, 0, 43),
            'without its first character' => substr($value, 1),
            'longer by one' => $value . 'A',
            'twice' => $value . $value,
            'padded' => $value . '==',
            'with a newline' => $value . "\n",
            'with a NUL' => $value . "\0",
            'with spaces' => " $value ",
            'with quotes' => "'$value'",
            'one character changed' => $flipped,
            'in upper case' => strtoupper($value),
            'in lower case' => strtolower($value),
            'reversed' => strrev($value),
            'moved by a byte' => $encode(substr($decoded, 1) . $decoded[0]),
            'the pad alone' => $encode($pad . $pad),
            'unmasked' => $encode($pad ^ $masked),
            'unmasked behind zeros, one byte off' => $encode(str_repeat("\0", 32) . (($pad ^ $masked) ^ str_pad("\1", 32, "\0"))),
            'in hexadecimal' => bin2hex($decoded),
            'other base64' => rtrim(base64_encode(str_repeat("\xff", 64)), '='),
            'not of the alphabet' => str_repeat('*', 86),
            'all A' => str_repeat('A', 86),
            'UTF-8' => str_repeat('é', 43),
            'no UTF-8' => str_repeat("\xff", 86),
            'very long' => str_repeat($value, 1000),
            'a serialized value' => serialize($value),
            'JSON' => (string) json_encode([$value]),
        ];
    }

    /** @return list<array<string, string>> the headers that a token may stand in; none for what can be in no header */
    private static function headers(string $name, string $text): array
    {
        // Spaces around a header's value are no part of it.
        if (preg_match('/[\x00-\x1f]/', $text) === 1 || strlen($text) > 1000 || trim($text) !== $text) {
            return [];
        }
        return [['X-CSRF-Token' => $text], ["X-$name" => $text, 'X-Requested-With' => 'XMLHttpRequest']];
    }

    public function testTheTableIsLongEnough(): void
    {
        self::assertGreaterThanOrEqual(20, count($this->texts(str_repeat('A', 86))));
    }
}
