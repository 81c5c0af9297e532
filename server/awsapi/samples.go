package awsapi

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

// defaultSamples is the default of a page's sample queries.
const defaultSamples = 10

type searchSampleQueriesInput struct {
	SearchPhrase string
	MaxResults   int
	NextToken    string
}

// samplePlace is how many sample queries the previous pages had. The library is fixed while a program runs.
type samplePlace struct{ Number int }

func (d *Door) searchSampleQueries(_ context.Context, c *call, in *searchSampleQueriesInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	place := samplePlace{}
	// The operation has no error of its own for tokens.
	if in.NextToken != "" && (d.tokens.decode(c.tokenScope(), in.NextToken, &place) != nil || place.Number < 0) {
		return nil, fail("InvalidParameterException", "The token is invalid or expired, or was made for a request with other parameters.")
	}
	size := in.MaxResults
	if size == 0 {
		size = defaultSamples
	}
	type result struct {
		Name, Description, SQL string
		Relevance              float64
	}
	out := struct {
		SearchResults []result
		NextToken     string `json:",omitempty"`
	}{SearchResults: []result{}}
	found := engine.SearchSamples(in.SearchPhrase)
	found = found[min(place.Number, len(found)):]
	for _, f := range found[:min(size, len(found))] {
		out.SearchResults = append(out.SearchResults, result{f.Name, f.Description, f.SQL("$EDS_ID"), f.Relevance})
	}
	var next *samplePlace
	if len(found) > size {
		next = &samplePlace{place.Number + size}
	}
	var err error
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}
