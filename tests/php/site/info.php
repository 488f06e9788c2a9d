<?php

/**
 * What phpinfo() says of the extensions.
 */

declare(strict_types=1);

phpinfo(INFO_MODULES);
