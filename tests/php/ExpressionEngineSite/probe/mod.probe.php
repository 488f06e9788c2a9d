<?php

class Probe
{
}
