"""English words people use in captions: they get short tokens even where no caption has them."""

WORDS = """
a about above across after against all also an and angle another any are around art as at away
back background backwards bad bald band bands bandana bang bangs banner bar base baseball based be
bead beaded beads beanie beard bearded beauty behind beige below belt bent beret beside best
between big bigger bit black blank blazer blob block blocks blond blonde blouse blue bluish blurry
blush bob body bold bolt bone bones bonnet boot border bordered borders both bottom bow bowl
bowler bowtie box boy bracelet braid braided braids brand brick bricks bright brim brimmed bronze
brooch brow brown brows brunette brush bubble buckle bun buns burgundy business bust but button
buttoned buttons by cap cape captain card cardigan carbon cash cat center centered centre century
chain chains character charcoal cheek cheeks checker checkered checks chest chestnut chin
chocolate choker chrome cigar cigarette circle classic clean clear close closed cloth clothes
clothing cloud clown coat cobalt coin collar collared color colored colorful colors colour
coloured colours comb copper coral cord corner cotton cover covered covering cowboy crazy cream
creepy crew crimson crooked cropped cross crown cup curl curled curls curly curtain curved cut
cute cyan cyborg dangling dark darker dash deep denim design designer detail detailed details
diadem diagonal diamond diamonds different dim dirty disheveled dollar dot dots dotted double down
dress dressed dreadlocks dreads drop dull dusty ear earphones earpiece earring earrings ears earth
edge edged edges effect electric elegant elf emblem emerald empty era ethnic evil expression eye
eyeball eyebrow eyebrows eyed eyeglasses eyelashes eyeliner eyepatch eyes eyeshadow face faced
facial facing faded fancy fashion feather feathers fedora female few fiery fill filled film fire
fish fishing flag flame flames flash flat flipped floppy floral flower flowers fluffed fluffy
forehead for forest four frame framed frames freckle freckles fringe from front frown frowning
frozen fuchsia full funny fur fuzzy game garment geek gem gems ghost ginger girl glass glasses
glint glitter gloss glossy glove glow glowing goatee goggles gold golden goth gradient grass gray
grayish green greenish grey grid grin grinning guy hair haired haircut hairstyle half halo hand
handlebar hang hanging happy hard hat hats have having hawk hazel head headband headphones headset
heart heavy helmet her hex hidden high highlight highlights him hip his hole holes holding hood
hooded hoodie hoop hoops horizontal horn horns hot ice icon image in indigo inside iris isolated
it its ivory jacket jade jaw jean jeans jersey jewel jewelry jewels just kaki khaki kind king knit
knitted lab lace lad ladies lady large lashes laser lavender layer layered layers leaf leather
left lemon lens lenses less letter letters lifeguard light lighter lightning like lilac lime line
lined lines lip lips lipstick little locks logo long longer look looking loop loose loud low lower
magenta magician mahogany make makeup male man mane many marine mark maroon mask match matching
matte mauve medium melon mesh messy metal metallic microphone mid middle military mint mirror
mirrored mixed mix mohawk mole monocle mood moon more mostly mottled mouth moustache much mullet
multi multicolor multicolored multicolour muscle mushroom music mustache mustard mustached nail
natural navy near neat neck necklace necktie neon nerd net neutral new next night no noble none
normal nose nostril not number ocean ochre of off officer old olive on one only opal open opposite
orange orb oriental original other out outer outfit outline outlined outside oval over overalls
oversized paint painted pair pale palette palm parted parting partly party pastel patch pattern
patterned peach peak peaked pearl pearls pendant pentagram periwinkle person piece pieces piercing
pig pigtails pin pink pinkish pinned pipe pirate pixel pixelated pixels place plain plaid plain
plastic platinum plum pocket point pointed pointing pointy polka polo pompom pony ponytail poppy
portrait pot power pretty prince princess print printed profile puffy pulled punk pupil pupils
purple purplish quarter queen queue quiff rainbow raised ray red reddish reflected reflection
reflections reflective regular resting retro revolutionary ribbon rich right rim rimmed rims ring
rings robe robot rock rolled roman rope rose rosy rough round rounded row royal ruby rugged rust
rusty sad safari sailor salmon same sand sandy sapphire sapphires sash satin scar scarf scarlet
school scientist scout sea season seen shade shaded shades shadow shadows shape shaped sharp
shaved shawl shell shelf shield shimmer shine shiny shirt short shorter shot shoulder shoulders
show showing side sideburns sides sienna silhouette silk silky silver simple single skin skull sky
slanted slate sleek sleeve sleeveless sleeves slick slicked slight slightly slit small smaller
smile smiling smirk smoke smoking smooth snapback snow soft soldier solid some space spark sparkle
spec spectacles spike spiked spikes spiky split spot spots spotted square stache star stars steel
stern stick stitch stone stones straight strand strands strap straps straw streak streaks street
strip stripe striped stripes strong stubble stud studs stunner style styled stylish suede suit
summer sun sunburst sunglass sunglasses sunset super surprised suspenders sweat sweater sweatshirt
swept swirl symbol tail tan tank tanned tattoo tattoos taupe teal tear teardrop tee teeth
terracotta texture textured than that the their them there thick thin thing this three tiara tie
tied tiger tight tilted tinted tiny tip tipped tips to toga tone toned tones tongue too top tooth
topped toque torn tortoise touch toward traditional transparent triangle tribal trim trimmed
tropical trucker tube tuft turban turquoise turtleneck tuxedo twin twisted two uneven umber under
underneath undergarment undergarments undershirt uniform unibrow up updo upper upside upturned v
vampire veil velvet vertical very vest vibrant view vintage violet visible visor vivid walnut war
warm watch water wave waves wavy wearing weave web wet wheat whisker whiskers white whitish wide
wig wild wind wine wing wings winter witch with without wizard woman wood wooden wool work worn
woven wrap wrapped wrinkles yellow yellowish young zebra zigzag zip zipper zombie 0 1 2 3 4 5 6 7
8 9 10 12 16 18th 19th 20s 24 24x24 32 64 80s 90s 100 512 3d 8-bit 16-bit anti-aliased antialiased
gradients photography photo realistic render low quality worst jpeg artifacts text watermark
signature deformed ugly extra limbs cartoon anime drawing painting sketch illustration sprite
avatar cryptopunk pfp nft minimal limited dithering dithered flat-colored crisp
""".split()  # noqa: SIM905 - a list of 1000 strings would be unreadable
