package function

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// A color is 0xRRGGBB, or -1 - i for color i of the terminal.

var terminalColors = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

const (
	pureRed   = 0xFF0000
	pureGreen = 0x00FF00
)

// colorFunctions is the family of texts with colors for a terminal.
func colorFunctions() []Function {
	return []Function{
		scalar("color(varchar(x)) -> color", "Returns a color by name or as #rgb.", unary(parseColor)),
		scalar("color(double, color, color) -> color", "Returns a color between two.", ternary(blendColors)),
		scalar("color(double, double, double, color, color) -> color", "Returns a color between two for a value between two.", blendRange),
		scalar("rgb(bigint, bigint, bigint) -> color", "Returns a color of red, green and blue, 0 to 255.", ternary(rgb)),
		scalar("render(varchar(x), color) -> varchar(x)", "Returns the text in a color.", binaryPure(render), types.ReturnOf(renderedType)),
		scalar("render(bigint, color) -> varchar(35)", "Returns the number in a color.",
			binaryPure(func(n int64, color int32) string { return render(fmt.Sprint(n), color) })),
		scalar("render(double, color) -> varchar(41)", "Returns the number in a color.",
			binaryPure(func(f float64, color int32) string { return render(string(arrowtype.AppendDouble(nil, f, 64)), color) })),
		scalar("render(boolean) -> varchar(16)", "Returns a green check mark or a red cross.", unaryPure(func(b bool) string {
			if b {
				return render("✓", -3)
			}
			return render("✗", -2)
		})),
		scalar("bar(double, bigint) -> varchar", "Returns a bar from red to green.",
			binary(func(share float64, width int64) (string, error) { return bar(share, width, pureRed, pureGreen) })),
		scalar("bar(double, bigint, color, color) -> varchar", "Returns a bar from one color to another.", quaternary(bar)),
	}
}

// escapeLength is how much longer a text becomes in color, at most.
const escapeLength = 15

func renderedType(args []*types.Type) (*types.Type, error) {
	if args[0].Length == types.Unbounded || args[0].Length > maxVarcharLength-escapeLength {
		return types.VarcharType, nil
	}
	return types.VarcharOf(args[0].Length + escapeLength), nil
}

func parseColor(text string) (int32, error) {
	if len(text) == 4 && text[0] == '#' {
		color := int32(0)
		for _, c := range text[1:] {
			digit := strings.IndexRune("0123456789abcdef", c|0x20)
			if c >= '0' && c <= '9' {
				digit = int(c - '0')
			}
			if digit < 0 {
				return 0, argumentError("Invalid color: '%s'", text)
			}
			color = color<<8 | int32(digit*0x11)
		}
		return color, nil
	}
	i := slices.Index(terminalColors, strings.ToLower(text))
	if i < 0 {
		return 0, argumentError("Invalid color: '%s'", text)
	}
	return int32(-1 - i), nil
}

func rgb(red, green, blue int64) (int32, error) {
	for _, part := range []struct {
		name  string
		value int64
	}{{"red", red}, {"green", green}, {"blue", blue}} {
		if part.value < 0 || part.value > 255 {
			return 0, argumentError("%s must be between 0 and 255", part.name)
		}
	}
	return int32(red<<16 | green<<8 | blue), nil
}

func blendRange(fn *types.Resolved) Kernel {
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (int32, error) {
		value, low, high := columnOf[float64](args[0]), columnOf[float64](args[1]), columnOf[float64](args[2])
		from, to := columnOf[int32](args[3]), columnOf[int32](args[4])
		return func(i int) (int32, error) {
			return blendColors((value.at(i)-low.at(i))/(high.at(i)-low.at(i)), from.at(i), to.at(i))
		}
	})(fn)
}

func blendColors(share float64, from, to int32) (int32, error) {
	if from < 0 {
		return 0, argumentError("lowColor not a valid RGB color")
	}
	if to < 0 {
		return 0, argumentError("highColor not a valid RGB color")
	}
	return between(float32(max(0, min(1, share))), from, to), nil
}

// render surrounds a text with the escape sequences of a color.
func render(text string, color int32) string { return escapeColor(color) + text + "\x1b[0m" }

// escapeColor returns a color of the terminal's table of 256: first the terminal's own colors, then a cube of six
// shades each of red, green and blue.
func escapeColor(color int32) string {
	index := -color - 1
	if color >= 0 {
		index = 16 + (color>>16)*6/256*36 + (color>>8&255)*6/256*6 + (color&255)*6/256
	}
	return fmt.Sprintf("\x1b[38;5;%dm", index)
}

// maxBarWidth limits the width of a bar.
const maxBarWidth = 1_000_000

func bar(share float64, width int64, from, to int32) (string, error) {
	if width > maxBarWidth {
		return "", argumentError("bar of more than %d characters", maxBarWidth)
	}
	count := int64(0)
	if full := share * float64(width); full == full {
		count = int64(max(0, min(float64(width), full)))
	}
	var b strings.Builder
	for i := range count {
		if from < 0 || to < 0 {
			return "", argumentError("color is not a valid rgb value")
		}
		b.WriteString(escapeColor(between(float32(float64(i)/float64(width-1)), from, to)))
		b.WriteString("█")
	}
	b.WriteString("\x1b[0m")
	b.WriteString(strings.Repeat(" ", int(max(0, width-count))))
	return b.String(), nil
}

// between blends hue, saturation and brightness.
func between(share float32, from, to int32) int32 {
	if share != share { // NaN: an empty range
		return 0
	}
	h1, s1, b1 := toHSB(from)
	h2, s2, b2 := toHSB(to)
	return fromHSB(share*(h2-h1)+h1, share*(s2-s1)+s1, share*(b2-b1)+b1)
}

func toHSB(color int32) (hue, saturation, brightness float32) {
	r, g, b := color>>16&255, color>>8&255, color&255
	high, low := max(r, g, b), min(r, g, b)
	brightness = float32(high) / 255
	if high == low {
		return 0, 0, brightness
	}
	spread := float32(high - low)
	saturation = spread / float32(high)
	red, green, blue := float32(high-r)/spread, float32(high-g)/spread, float32(high-b)/spread
	switch high {
	case r:
		hue = blue - green
	case g:
		hue = 2 + red - blue
	default:
		hue = 4 + green - red
	}
	if hue /= 6; hue < 0 {
		hue++
	}
	return hue, saturation, brightness
}

func fromHSB(hue, saturation, brightness float32) int32 {
	shade := func(f float32) int32 { return int32(f*255 + 0.5) }
	pack := func(r, g, b int32) int32 { return r<<16 | g<<8 | b }
	full := shade(brightness)
	if saturation == 0 {
		return pack(full, full, full)
	}
	sector := (hue - float32(math.Floor(float64(hue)))) * 6
	part := sector - float32(math.Floor(float64(sector)))
	low := shade(brightness * (1 - saturation))
	falling, rising := shade(brightness*(1-saturation*part)), shade(brightness*(1-saturation*(1-part)))
	switch int(sector) {
	case 0:
		return pack(full, rising, low)
	case 1:
		return pack(falling, full, low)
	case 2:
		return pack(low, full, rising)
	case 3:
		return pack(low, falling, full)
	case 4:
		return pack(rising, low, full)
	}
	return pack(full, low, falling)
}
