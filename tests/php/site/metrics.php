<?php

/** The figures for Prometheus, as a site shows them. */

declare(strict_types=1);

require __DIR__ . '/../../../php/metrics/holdfast-metrics.php';
