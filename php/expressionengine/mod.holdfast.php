<?php

/** ExpressionEngine has settings pages for modules. This one has no tags. */
class Holdfast
{
}
