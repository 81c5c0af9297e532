package channel

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// fieldSelector is one selector of a category with another condition.
func fieldSelector(category string, conditions ...catalog.FieldSelector) catalog.AdvancedEventSelector {
	all := append([]catalog.FieldSelector{{Field: "eventCategory", Equals: []string{category}}}, conditions...)
	return catalog.AdvancedEventSelector{FieldSelectors: all}
}

// selectingStores have selectors that look at every member that selectors may look at.
func selectingStores() []*catalog.Store {
	objects := catalog.FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object"}}
	ofKMS := catalog.FieldSelector{Field: "eventSource", Equals: []string{"kms.amazonaws.com"}}
	var stores []*catalog.Store
	for _, category := range schema.Categories() {
		stores = append(stores, &catalog.Store{Name: category, Category: category})
	}
	return append(stores,
		&catalog.Store{Name: "writers", Category: "Management", Selectors: []catalog.AdvancedEventSelector{fieldSelector("Management",
			catalog.FieldSelector{Field: "readOnly", Equals: []string{"false"}}, catalog.FieldSelector{Field: "eventType", NotEquals: []string{"AwsServiceEvent"}},
			catalog.FieldSelector{Field: "sessionCredentialFromConsole", NotEquals: []string{"true"}})}},
		&catalog.Store{Name: "objects", Category: "Data", Selectors: []catalog.AdvancedEventSelector{
			fieldSelector("Data", objects, catalog.FieldSelector{Field: "resources.ARN", NotEndsWith: []string{"/no"}}, catalog.FieldSelector{Field: "userIdentity.arn", StartsWith: []string{"arn"}}),
			fieldSelector("Data", objects, catalog.FieldSelector{Field: "eventName", StartsWith: []string{"Delete"}}),
		}},
		&catalog.Store{Name: "denied", Category: "NetworkActivity", Selectors: []catalog.AdvancedEventSelector{fieldSelector("NetworkActivity", ofKMS,
			catalog.FieldSelector{Field: "errorCode", Equals: []string{"VpceAccessDenied"}}, catalog.FieldSelector{Field: "vpcEndpointId", NotEquals: []string{"vpce-1"}})}},
	)
}

// FuzzSelectingColumns: an event is selected by the columns that were scanned of it as it is by its text.
func FuzzSelectingColumns(f *testing.F) {
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"a"},null,{"arn":"b/no"}],"userIdentity":{"ARN":"arn:a"}}`))
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","eventcategory":"D\u0061ta","resources":[],"RESOURCES":[{"type":"AWS::S3::Object"}],"eventName":"x","eventName":"Delete\u004f"}`))
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","managementEvent":false,"eventType":{"a":1},"resources":{"type":"AWS::S3::Object"},"userIdentity":"arn"}`))
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","eventCategory":"NetworkActivity","eventSource":"kms.amazonaws.com","errorCode":"VpceAccessDenied","vpcEndpointId":null}`))
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","eventCategory":null,"eventType":"AwsVpceEvents","eventType":7,"userIdentity":{"arn":"arn"},"userIdentity":[]}`))
	f.Add([]byte(`{"eventTime":"2026-01-01T00:00:00Z","readOnly":"false","sessionCredentialFromConsole":true,"insightDetails":{"eventSource":"x"},"eventCategory":"Insight"}`))
	f.Add([]byte(`{"eventTime":1,"eventCategory":"Data"`))
	var judges []*judge
	for _, store := range selectingStores() {
		c, err := Open(store)
		require.NoError(f, err)
		judges = append(judges, c.newJudge())
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		for _, j := range judges {
			_, failure := j.appender.Scan(event)
			require.Equal(t, j.matcher.Selects(event), j.selects(event, failure))
		}
	})
}

// TestSelectingReadsNoTextTwice: what selectors of trail events look at has columns.
func TestSelectingReadsNoTextTwice(t *testing.T) {
	for _, store := range selectingStores() {
		c, err := Open(store)
		require.NoError(t, err)
		j := c.newJudge()
		switch store.Category {
		case "Management", "Data", "NetworkActivity":
			require.Len(t, j.columns, len(c.selector.Members()), store.Name)
		default:
			require.Nil(t, j.columns, store.Name)
		}
	}
}
