<?php

declare(strict_types=1);

return [
    'compass' => [
        'name' => 'Brass compass',
        'cents' => 6400,
        'line' => 'Points north. Has no other opinions.',
        'text' => 'A hand-bearing compass in a turned brass case. The card floats in oil, settles within two seconds '
            . 'and can be read by starlight. It needs no battery, no signal and no update.',
        'facts' => ['Case' => 'Solid brass, 62 mm', 'Card' => 'Luminous, 5° steps', 'Weight' => '180 g'],
        'tile' => 'blue',
    ],
    'lantern' => [
        'name' => 'Storm lantern',
        'cents' => 4850,
        'line' => 'Stays lit when the door does not stay shut.',
        'text' => 'The cold-blast lantern that hung in every harbour shed, still made the same way. One filling burns '
            . 'for twenty hours, and the globe keeps the flame steady up to a full gale.',
        'facts' => ['Burns' => '20 hours', 'Globe' => 'Heat-proof glass', 'Height' => '25 cm'],
        'tile' => 'night',
    ],
    'rope' => [
        'name' => 'Hemp rope, 20 m',
        'cents' => 2200,
        'line' => 'Three strands, laid tight, ends whipped.',
        'text' => 'Natural hemp that is kind to hands and holds a knot without slipping. Both ends are whipped with '
            . 'waxed twine, so it arrives ready to use and does not fray on the way.',
        'facts' => ['Length' => '20 m', 'Diameter' => '12 mm', 'Breaking load' => '1,050 kg'],
        'tile' => 'sea',
    ],
    'mug' => [
        'name' => 'Enamel mug',
        'cents' => 1250,
        'line' => 'Survives the drop. Shows it proudly.',
        'text' => 'Heavy steel under two coats of enamel, with a rolled rim that does not burn your lip. A chip is not '
            . 'damage: it is the day you learnt which locker has no latch.',
        'facts' => ['Holds' => '350 ml', 'Works on' => 'Gas, fire, induction', 'Washing' => 'Any way you like'],
        'tile' => 'red',
    ],
    'anchor' => [
        'name' => 'Folding anchor',
        'cents' => 3900,
        'line' => 'Four flukes that open like an umbrella.',
        'text' => 'For dinghies, kayaks and anything else that would rather be elsewhere. Folds to the size of a loaf, '
            . 'opens with one hand and bites into sand, weed and rock.',
        'facts' => ['Weight' => '3.2 kg', 'Finish' => 'Hot-dip galvanised', 'For boats' => 'up to 5 m'],
        'tile' => 'yellow',
    ],
    'cap' => [
        'name' => 'Watch cap',
        'cents' => 2800,
        'line' => 'Worsted wool for the four o’clock watch.',
        'text' => 'A close-knit cap that goes under a hood and over the ears. The wool is worsted, so it does not '
            . 'itch, and it stays warm when it is wet, which it will be.',
        'facts' => ['Wool' => '100 % merino', 'Cuff' => 'Folds twice', 'Size' => 'One, honestly'],
        'tile' => 'sea',
    ],
    'lifebuoy' => [
        'name' => 'Ring buoy',
        'cents' => 5600,
        'line' => 'The one thing here you hope to never use.',
        'text' => 'A ring of closed-cell foam in a seamless shell, with a grab line all the way round. Hang it where '
            . 'everybody can find it in the dark, then tell everybody where that is.',
        'facts' => ['Diameter' => '60 cm', 'Carries' => '14.5 kg in water', 'Line' => '8 mm, floating'],
        'tile' => 'blue',
    ],
    'telescope' => [
        'name' => 'Pocket telescope',
        'cents' => 8600,
        'line' => 'Three draws. Land, probably.',
        'text' => 'Brass tubes that slide out with a click and a barrel wrapped in cord. Strong enough to read the '
            . 'name on a transom across the bay, small enough to be with you when there is one.',
        'facts' => ['Magnifies' => '15 times', 'Lens' => '30 mm, coated', 'Length' => '14 to 36 cm'],
        'tile' => 'yellow',
    ],
];
