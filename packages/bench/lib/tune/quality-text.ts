/** The text that a model's answers are judged by: plain English of several kinds, some 550 words. */
export const QUALITY_TEXT = `The harbour office opens at six in the morning, when the first boats come in. Two clerks weigh the
catch, write the figures into a ledger and give each captain a slip of paper with a stamp on it. By eight the hall is full of
buyers. They walk between the boxes, lift the gills of a fish here and there, and say nothing, because a word too early may
cost them money. The auction takes less than an hour. What is left goes to the cannery on the other side of the bridge.

Water boils at a lower temperature on a mountain than at the sea, because there is less air above it and so less pressure that
holds the vapour back. At three thousand metres it boils at about ninety degrees. A potato then needs half as long again to
become soft, and tea tastes weaker. A pot with a tight lid helps: the steam cannot leave, the pressure rises, and with it the
temperature. That is all a pressure cooker does.

"Did you bring the map?" asked Ellen. Tom put his hand into his coat, first on the left side and then on the right. "I had it
at the station," he said. "You had the tickets at the station. The map was on the table in the kitchen, beside the bread." He
looked down the valley, where three paths met at a small white chapel, and tried to remember which of them his uncle had
drawn with the red pencil. "The middle one," he said at last. "I am nearly sure that it was the middle one."

A library that lends books for nothing seems to be a gift, but somebody pays for it. The town spends eleven crowns a year for
each person who lives in it. In return it gets a warm room that is open to everybody, a place where children do their homework
and where old people read the newspaper. The council counted the visitors for one week in March: there were 2,140 of them, and
only 760 took a book home. It decided to keep the library open on Saturdays as well.

To find a number in a sorted list, look at the one in the middle. If it is too large, what you look for is in the first half;
if it is too small, it is in the second. Throw the other half away and begin again. A list of a thousand numbers needs ten
steps, a list of a million needs twenty. The list must be sorted, though, and sorting it takes longer than searching it once.
It is worth the trouble only for someone who wants to search many times.

In autumn the storks gather on the meadows south of the river. For some days they rise in wide circles on the warm air, come
down again and seem unable to make up their minds. Then, on a clear morning, they are gone. They fly by day and rest at night,
go round the sea by the east or by the west and never straight across it, because above the water there is no rising air to
carry them. The young ones leave first, without anybody to show them the way, and find it all the same.

The recipe is short. Take four eggs, two hundred grams of sugar, two hundred grams of flour and a little salt. Beat the eggs
with the sugar until they are pale and thick, which takes ten minutes by hand and four with a machine. Fold in the flour with
a spoon, slowly, so that the air stays in. Bake for half an hour, and do not open the oven before the end.`;
