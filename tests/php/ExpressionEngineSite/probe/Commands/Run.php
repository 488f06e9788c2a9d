<?php

namespace Holdfast\Tests\ExpressionEngineSite\Probe\Commands;

use ExpressionEngine\Cli\Cli;

/** `eecms probe:run FILE`: runs a file of PHP code. */
class Run extends Cli
{
    public $name = 'Run';
    public $signature = 'probe:run';
    public $description = 'Runs a file of PHP code';
    public $summary = 'Runs a file of PHP code';
    public $usage = 'eecms probe:run FILE';
    public $commandOptions = [];

    public function handle()
    {
        require $this->arguments[0];
    }
}
