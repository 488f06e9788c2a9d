<?php

/**
 * ExpressionEngine's ee(), where there is none. Not inside of ExpressionEngine, which declares its own after it has defined
 * SYSPATH: two functions of one name are a fatal error.
 */

declare(strict_types=1);

use Holdfast\Exception\InvalidState;
use Holdfast\ExpressionEngine\Facade;

if (!function_exists('ee') && !defined('SYSPATH')) {
    /** What ExpressionEngine writes between the parts of a query; redirect() reads it as &. */
    defined('AMP') || define('AMP', '&amp;');

    /**
     * What a page in ExpressionEngine's style has at hand: ee()->session, ee()->functions, and what the application adds.
     *
     * @param mixed $dep a service for `ee()->di->make()`, with its arguments after it; null = none
     * @return mixed a Holdfast\ExpressionEngine\Facade, the same in the whole request; with $dep what make() gives
     * @throws InvalidState on a service, where the application has set no `di`
     */
    function ee($dep = null, ...$arguments)
    {
        static $facade = new Facade();

        if ($dep === null) {
            return $facade;
        }
        if (!$facade->has('di')) {
            throw new InvalidState(
                'ee() makes no services: set an object that has make($name, ...$arguments), by ee()->set(\'di\', $object).'
            );
        }
        return $facade->get('di')->make($dep, ...$arguments);
    }
}
