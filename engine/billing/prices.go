// Package billing estimates what the managed service would charge for what a lake does.
package billing

import (
	_ "embed"
	"fmt"
	"math"
	"os"

	"github.com/pelletier/go-toml/v2"

	"github.com/auditlake/auditlake/engine/store"
)

//go:embed prices.toml
var defaultPrices []byte

// bytesPerGB is the gigabyte of the price list.
const bytesPerGB = 1 << 30

// Prices is what the managed service would charge, in USD. The default book is
// inside the program; LoadPrices reads another.
type Prices struct {
	Date                      string  `toml:"date"`
	Region                    string  `toml:"region"`
	Currency                  string  `toml:"currency"`
	QueryPerGB                float64 `toml:"query_per_gb"`
	ExtendedStoragePerGBMonth float64 `toml:"extended_storage_per_gb_month"`
	Extendable                struct {
		CloudTrailPerGB float64 `toml:"cloudtrail_per_gb"`
		OtherPerGB      float64 `toml:"other_per_gb"`
	} `toml:"extendable"`
	Fixed []PriceTier `toml:"fixed"`
}

// PriceTier is a step of the fixed billing mode; UpToGB 0 means no end.
type PriceTier struct {
	UpToGB float64 `toml:"up_to_gb"`
	PerGB  float64 `toml:"per_gb"`
}

// DefaultPrices returns the price book inside the program.
func DefaultPrices() *Prices {
	p, err := ParsePrices(defaultPrices)
	if err != nil {
		panic(err) // the embedded book is part of the program
	}
	return p
}

// LoadPrices reads a price book from a TOML file.
func LoadPrices(path string) (*Prices, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("price book: %w", err)
	}
	p, err := ParsePrices(text)
	if err != nil {
		return nil, fmt.Errorf("price book %s: %w", path, err)
	}
	return p, nil
}

// ParsePrices reads a price book from the text of a TOML file.
func ParsePrices(text []byte) (*Prices, error) {
	var p Prices
	if err := toml.Unmarshal(text, &p); err != nil {
		return nil, err
	}
	if len(p.Fixed) == 0 || p.Fixed[len(p.Fixed)-1].UpToGB != 0 {
		return nil, fmt.Errorf("the last tier of [[fixed]] must have no up_to_gb")
	}
	return &p, nil
}

// Query is the price of scanning bytes.
func (p *Prices) Query(bytes int64) float64 {
	return gigabytes(bytes) * p.QueryPerGB
}

// Ingestion is the price of bytes more of uncompressed events in a month that already has monthBytes,
// for a store of the billing mode. Of bytes, liveBytes are CloudTrail events that were ingested live.
func (p *Prices) Ingestion(mode store.BillingMode, monthBytes, bytes, liveBytes int64) float64 {
	if mode == store.FixedRetention {
		return p.tiered(gigabytes(monthBytes+bytes)) - p.tiered(gigabytes(monthBytes))
	}
	return gigabytes(liveBytes)*p.Extendable.CloudTrailPerGB + gigabytes(bytes-liveBytes)*p.Extendable.OtherPerGB
}

// ExtendedStorage is the price of keeping bytes that are past the first 366
// days for a month.
func (p *Prices) ExtendedStorage(bytes int64) float64 {
	return gigabytes(bytes) * p.ExtendedStoragePerGBMonth
}

func (p *Prices) tiered(gb float64) float64 {
	total, from := 0.0, 0.0
	for _, tier := range p.Fixed {
		end := tier.UpToGB
		if end == 0 {
			end = math.Inf(1)
		}
		if gb <= from {
			break
		}
		total += (math.Min(gb, end) - from) * tier.PerGB
		from = end
	}
	return total
}

func gigabytes(bytes int64) float64 { return float64(bytes) / bytesPerGB }
