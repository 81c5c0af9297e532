package selector

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// parse reads selectors as the service's documentation writes them.
func parse(t testing.TB, text string) []catalog.AdvancedEventSelector {
	t.Helper()
	var selectors []catalog.AdvancedEventSelector
	require.NoError(t, json.Unmarshal([]byte(text), &selectors))
	return selectors
}

func compile(t testing.TB, text string) *Selector {
	t.Helper()
	s, err := Compile(parse(t, text))
	require.NoError(t, err)
	return s
}

// of is a list of one selector with the fields.
func of(fields string) string { return `[{"FieldSelectors":[` + fields + `]}]` }

const (
	managementField = `{"Field":"eventCategory","Equals":["Management"]}`
	dataFields      = `{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`
	networkFields   = `{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["kms.amazonaws.com"]}`
)

// s3 is a data event on an object.
func s3(arn string) string {
	return `{"eventCategory":"Data","eventName":"GetObject","resources":[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::bucket"},{"type":"AWS::S3::Object","ARN":"` + arn + `"}]}`
}

// TestDocumentedConditionsOnOneField is the documentation's example of several conditions on resources.ARN.
func TestDocumentedConditionsOnOneField(t *testing.T) {
	m := compile(t, of(dataFields+`,{"Field":"resources.ARN",
		"Equals":["arn:aws:s3:::amzn-s3-demo-bucket/object1"],
		"StartsWith":["arn:aws:s3:::amzn-s3-demo-bucket/"],
		"EndsWith":["object3"],
		"NotStartsWith":["arn:aws:s3:::amzn-s3-demo-bucket/deselect"],
		"NotEndsWith":["object5"],
		"NotEquals":["arn:aws:s3:::amzn-s3-demo-bucket/object6"]}`)).NewMatcher()
	for arn, want := range map[string]bool{
		"arn:aws:s3:::amzn-s3-demo-bucket/object1":         true,
		"arn:aws:s3:::amzn-s3-demo-bucket/object2":         true,
		"arn:aws:s3:::amzn-s3-demo-bucket1/object3":        true,
		"arn:aws:s3:::amzn-s3-demo-bucket/deselectObject4": false,
		"arn:aws:s3:::amzn-s3-demo-bucket/object5":         false,
		"arn:aws:s3:::amzn-s3-demo-bucket/object6":         false,
		"arn:aws:s3:::amzn-s3-demo-bucket1/object1":        false,
	} {
		require.Equal(t, want, m.Selects([]byte(s3(arn))), arn)
	}
}

// TestBeginningsAndEnds: a value begins and ends with itself, and with nothing that is longer.
func TestBeginningsAndEnds(t *testing.T) {
	for condition, selected := range map[string]bool{
		`"StartsWith":["GetObject"]`: true, `"EndsWith":["GetObject"]`: true, `"StartsWith":["GetObjects"]`: false, `"EndsWith":["ToGetObject"]`: false,
		`"NotStartsWith":["GetObject"]`: false, `"NotEndsWith":["GetObject"]`: false, `"NotStartsWith":["GetObjects"]`: true, `"NotEndsWith":["ToGetObject"]`: true,
	} {
		m := compile(t, of(dataFields+`,{"Field":"eventName",`+condition+`}`)).NewMatcher()
		require.Equal(t, selected, m.Selects([]byte(s3("arn:aws:s3:::bucket/object"))), condition)
	}
}

// TestDocumentedExamples are the documentation's other examples.
func TestDocumentedExamples(t *testing.T) {
	object := func(bucket, user string) string {
		return fmt.Sprintf(`{"eventCategory":"Data","userIdentity":{"type":"AssumedRole","arn":%q},"resources":[{"type":"AWS::S3::Object","ARN":"arn:partition:s3:::%s/key"}]}`, user, bucket)
	}
	deleted := func(name, typ string) string {
		return fmt.Sprintf(`{"eventCategory":"Data","eventName":%q,"eventType":%q,"resources":[{"type":"AWS::S3::Object"}]}`, name, typ)
	}
	network := func(source, name, code, endpoint string) string {
		return fmt.Sprintf(`{"eventCategory":"NetworkActivity","eventType":"AwsVpceEvents","eventSource":%q,"eventName":%q,"errorCode":%q,"vpcEndpointId":%q}`, source, name, code, endpoint)
	}
	for name, c := range map[string]struct {
		selectors string
		want      map[string]bool
	}{
		"Cognito identity pools": {of(`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::Cognito::IdentityPool"]}`), map[string]bool{
			`{"eventCategory":"Data","resources":[{"type":"AWS::Cognito::IdentityPool","ARN":"x"}]}`:       true,
			`{"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"x"}]}`:                  false,
			`{"eventCategory":"Management","resources":[{"type":"AWS::Cognito::IdentityPool","ARN":"x"}]}`: false,
			`{"eventCategory":"Data"}`: false,
		}},
		"EBS without ListChangedBlocks": {of(`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::EC2::Snapshot"]},{"Field":"eventName","NotEquals":["ListChangedBlocks"]}`), map[string]bool{
			`{"eventCategory":"Data","eventName":"GetSnapshotBlock","resources":[{"type":"AWS::EC2::Snapshot"}]}`:  true,
			`{"eventCategory":"Data","eventName":"ListChangedBlocks","resources":[{"type":"AWS::EC2::Snapshot"}]}`: false,
			`{"eventCategory":"Data","resources":[{"type":"AWS::EC2::Snapshot"}]}`:                                 true,
		}},
		"a bucket without a scanner": {of(dataFields + `,{"Field":"resources.ARN","StartsWith":["arn:partition:s3:::amzn-s3-demo-bucket/"]},
			{"Field":"userIdentity.arn","NotStartsWith":["arn:aws:sts::123456789012:assumed-role/bucket-scanner-role"]}`), map[string]bool{
			object("amzn-s3-demo-bucket", "arn:aws:sts::123456789012:assumed-role/admin/x"):               true,
			object("amzn-s3-demo-bucket", "arn:aws:sts::123456789012:assumed-role/bucket-scanner-role/x"): false,
			object("amzn-s3-demo-bucket2", "arn:aws:sts::123456789012:assumed-role/admin/x"):              false,
		}},
		"no objects deleted by DeleteObjects": {`[{"FieldSelectors":[` + dataFields + `,{"Field":"eventName","NotEquals":["DeleteObject"]}]},
			{"FieldSelectors":[` + dataFields + `,{"Field":"eventName","Equals":["DeleteObject"]},{"Field":"eventType","NotEquals":["AwsServiceEvent"]}]}]`, map[string]bool{
			deleted("GetObject", "AwsApiCall"):          true,
			deleted("GetObject", "AwsServiceEvent"):     true,
			deleted("DeleteObject", "AwsApiCall"):       true,
			deleted("DeleteObject", "AwsServiceEvent"):  false,
			deleted("DeleteObjects", "AwsServiceEvent"): true,
		}},
		"network activity that was denied": {of(networkFields + `,{"Field":"errorCode","Equals":["VpceAccessDenied"]},{"Field":"vpcEndpointId","NotEquals":["vpce-1"]},{"Field":"eventName","StartsWith":["List","Get"]}`), map[string]bool{
			network("kms.amazonaws.com", "ListKeys", "VpceAccessDenied", "vpce-2"):  true,
			network("kms.amazonaws.com", "GetKey", "VpceAccessDenied", "vpce-2"):    true,
			network("kms.amazonaws.com", "CreateKey", "VpceAccessDenied", "vpce-2"): false,
			network("kms.amazonaws.com", "ListKeys", "AccessDenied", "vpce-2"):      false,
			network("kms.amazonaws.com", "ListKeys", "VpceAccessDenied", "vpce-1"):  false,
			network("s3.amazonaws.com", "ListKeys", "VpceAccessDenied", "vpce-2"):   false,
		}},
		"console sessions that write": {of(managementField + `,{"Field":"sessionCredentialFromConsole","Equals":["true"]},{"Field":"readOnly","Equals":["false"]}`), map[string]bool{
			`{"eventCategory":"Management","sessionCredentialFromConsole":"true","readOnly":false}`:  true,
			`{"eventCategory":"Management","sessionCredentialFromConsole":true,"readOnly":"false"}`:  true,
			`{"eventCategory":"Management","sessionCredentialFromConsole":"true","readOnly":true}`:   false,
			`{"eventCategory":"Management","readOnly":false}`:                                        false,
			`{"eventCategory":"Management","sessionCredentialFromConsole":"true"}`:                   false,
			`{"eventCategory":"Management","sessionCredentialFromConsole":"false","readOnly":false}`: false,
		}},
		"not from the console, no service events, KMS or RDS": {of(managementField + `,{"Field":"sessionCredentialFromConsole","NotEquals":["true"]},{"Field":"eventType","NotEquals":["AwsServiceEvent"]},
			{"Field":"eventSource","NotEquals":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`), map[string]bool{
			`{"eventCategory":"Management","eventSource":"ec2.amazonaws.com"}`:                                       true,
			`{"eventCategory":"Management","eventSource":"kms.amazonaws.com"}`:                                       false,
			`{"eventCategory":"Management","eventSource":"rdsdata.amazonaws.com"}`:                                   false,
			`{"eventCategory":"Management","eventSource":"ec2.amazonaws.com","eventType":"AwsServiceEvent"}`:         false,
			`{"eventCategory":"Management","eventSource":"ec2.amazonaws.com","sessionCredentialFromConsole":"true"}`: false,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, c.selectors).NewMatcher()
			for event, want := range c.want {
				require.Equal(t, want, m.Selects([]byte(event)), event)
			}
		})
	}
}

func TestStandAloneCategories(t *testing.T) {
	for _, category := range []string{"Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"} {
		m := compile(t, of(`{"Field":"eventCategory","Equals":["`+category+`"]}`)).NewMatcher()
		require.True(t, m.Selects([]byte(`{"eventCategory":"`+category+`"}`)))
		require.False(t, m.Selects([]byte(`{"eventCategory":"Management"}`)))
		require.False(t, m.Selects([]byte(`{}`)))
	}
}

func TestEventText(t *testing.T) {
	m := compile(t, of(managementField+`,{"Field":"eventName","Equals":["Gröna\"Ljus"]},{"Field":"userIdentity.arn","EndsWith":["/a"]}`)).NewMatcher()
	for event, want := range map[string]bool{
		`{"eventName":"Gröna\"Ljus","userIdentity":{"arn":"x/a"}}`:                          true,
		`{"eventName":"Gr\u00f6na\u0022Ljus","userIdentity":{"a\u0072n":"x\/a"}}`:           true,
		` { "EVENTNAME" : "Gröna\"Ljus" , "useridentity" : { "ARN" : "x/a" } } `:            true,
		`{"eventName":"x","eventName":"Gröna\"Ljus","userIdentity":{"arn":"x/a"}}`:          true, // the last one counts
		`{"eventName":"Gröna\"Ljus","eventName":"x","userIdentity":{"arn":"x/a"}}`:          false,
		`{"eventName":"Gröna\"Ljus","userIdentity":{"arn":"x/a"},"userIdentity":{}}`:        false,
		`{"eventName":"Gröna\"Ljus","userIdentity":{"nested":{"arn":"x/a"}}}`:               false,
		`{"eventName":"Gröna\"Ljus","userIdentity":"x/a"}`:                                  false,
		`{"eventName":["Gröna\"Ljus"],"userIdentity":{"arn":"x/a"}}`:                        false,
		`{"eventName":null,"userIdentity":{"arn":"x/a"}}`:                                   false,
		`{"requestParameters":{"eventName":"Gröna\"Ljus"},"userIdentity":{"arn":"x/a"}}`:    false,
		`{"eventName":"Gröna\"Ljus","userIdentity":{"arn":"x/a"},"eventCategory":"NoSuch"}`: false,
		`{"eventName":"Gröna\"Ljus","userIdentity":{"arn":"x/a"}`:                           true, // broken: not for selectors to say
		`{"eventName":"x"}{}`: true,
		`[]`:                  true,
		``:                    true,
	} {
		require.Equal(t, want, m.Selects([]byte(event)), event)
	}
}

func TestResourcesAreTakenOneByOne(t *testing.T) {
	m := compile(t, of(dataFields+`,{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::a"],"NotEndsWith":["/no"]}`)).NewMatcher()
	resources := func(list string) string { return `{"eventCategory":"Data","resources":` + list + `}` }
	for list, want := range map[string]bool{
		`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/1"}]`:                                                      true,
		`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/1"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::a"}]`:    false, // the ARN is of another type
		`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/1"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/1"}]`:  true,
		`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/1"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/no"}]`: false,
		`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/1"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b/no"}]`: true,
		`[{"type":"AWS::S3::Object"}]`:                              false,
		`[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::a"}]`: false,
		`[1,"AWS::S3::Object",null,[]]`:                             false,
		`[]`:                                                        false,
		`null`:                                                      false,
		`{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/1"}`: false,
	} {
		require.Equal(t, want, m.Selects([]byte(resources(list))), list)
	}
}

// TestImpliedCategory: events before version 1.07 do not tell their category.
func TestImpliedCategory(t *testing.T) {
	for event, want := range map[string]string{
		`{}`:                          "Management",
		`{"managementEvent":true}`:    "Management",
		`{"managementEvent":false}`:   "Data",
		`{"managementEvent":"false"}`: "Data",
		`{"resources":[{"type":"AWS::S3::Object"}]}`:                        "Data",
		`{"resources":[{"type":"AWS::Lambda::Function"}]}`:                  "Data",
		`{"resources":[{"type":"AWS::IAM::Role"}]}`:                         "Management",
		`{"managementEvent":true,"resources":[{"type":"AWS::S3::Object"}]}`: "Management",
		`{"eventType":"AwsCloudTrailInsight"}`:                              "Insight",
		`{"eventType":"AwsVpceEvents"}`:                                     "NetworkActivity",
		`{"eventType":"AwsApiCall"}`:                                        "Management",
		`{"eventCategory":"Evidence","eventType":"AwsApiCall"}`:             "Evidence",
	} {
		m := compile(t, of(managementField)).NewMatcher()
		m.Selects([]byte(event))
		require.Equal(t, want, string(m.event.values[eventCategory]), event)
	}
}

func TestInvalidSelectors(t *testing.T) {
	many := func(n int) string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("%q", fmt.Sprint("Name", i))
		}
		return strings.Join(values, ",")
	}
	list := func(n int, each string) string { return "[" + strings.Repeat(each+",", n-1) + each + "]" }
	one := `{"FieldSelectors":[` + managementField + `]}`
	for name, c := range map[string]struct{ selectors, want string }{
		"none":                         {`[]`, "there are no event selectors"},
		"six":                          {list(6, one), "there are 6 event selectors, at most 5 are allowed"},
		"501 values":                   {of(managementField + `,{"Field":"eventName","Equals":[` + many(250) + `],"NotEndsWith":[` + many(250) + `]}`), "the selectors have 501 values, at most 500 are allowed"},
		"too many values in all":       {list(2, `{"FieldSelectors":[`+managementField+`,{"Field":"eventName","Equals":[`+many(250)+`]}]}`), "the selectors have 502 values, at most 500 are allowed"},
		"no field":                     {`[{"Name":"n"}]`, "selector 1 (n): eventCategory is required, with Equals"},
		"no category":                  {of(`{"Field":"eventName","Equals":["x"]}`), "selector 1: eventCategory is required, with Equals"},
		"unknown category":             {of(`{"Field":"eventCategory","Equals":["management"]}`), `selector 1: eventCategory is Management or Data or NetworkActivity or Insight or ConfigurationItem or Evidence or ActivityAuditLog, not "management"`},
		"category by another operator": {of(`{"Field":"eventCategory","NotEquals":["Data"]}`), "selector 1: eventCategory takes only Equals"},
		"two categories":               {of(`{"Field":"eventCategory","Equals":["Management","Data"]}`), "selector 1: eventCategory takes one value"},
		"a field twice":                {of(managementField + `,{"Field":"eventName","Equals":["a"]},{"Field":"eventName","NotEquals":["b"]}`), "selector 1: eventName appears twice"},
		"unknown field":                {of(managementField + `,{"Field":"awsRegion","Equals":["a"]}`), "selector 1: awsRegion is no field of event selectors"},
		"field in other letters":       {of(managementField + `,{"Field":"readonly","Equals":["true"]}`), "selector 1: readonly is no field of event selectors"},
		"nameless field":               {of(managementField + `,{"Equals":["a"]}`), "selector 1: a field has no name"},
		"no values":                    {of(managementField + `,{"Field":"eventName"}`), "selector 1: eventName has no values"},
		"empty value":                  {of(managementField + `,{"Field":"eventName","Equals":[""]}`), "selector 1: eventName has an empty value"},
		"long value":                   {of(managementField + `,{"Field":"eventName","Equals":["` + strings.Repeat("x", 2049) + `"]}`), "selector 1: eventName has a value longer than 2048 bytes"},
		"long name":                    {`[{"Name":"` + strings.Repeat("x", 1001) + `","FieldSelectors":[` + managementField + `]}]`, "the name is longer than 1000 bytes"},
		"wildcard":                     {of(managementField + `,{"Field":"eventName","Equals":["Get*"]}`), `selector 1: eventName has the value "Get*", but there are no wildcards: use StartsWith, EndsWith, NotStartsWith or NotEndsWith`},
		"data without type":            {of(`{"Field":"eventCategory","Equals":["Data"]}`), "selector 1: resources.type is required for Data events"},
		"type by another operator":     {of(`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","StartsWith":["AWS::"]}`), "selector 1: resources.type takes only Equals"},
		"resources of management":      {of(managementField + `,{"Field":"resources.ARN","Equals":["a"]}`), "selector 1: resources.ARN cannot filter Management events"},
		"readOnly by another operator": {of(managementField + `,{"Field":"readOnly","NotEquals":["true"]}`), "selector 1: readOnly takes only Equals"},
		"readOnly of another value":    {of(managementField + `,{"Field":"readOnly","Equals":["yes"]}`), `selector 1: readOnly is true or false, not "yes"`},
		"readOnly both":                {of(managementField + `,{"Field":"readOnly","Equals":["true","false"]}`), "selector 1: readOnly takes one value"},
		"console by another operator":  {of(managementField + `,{"Field":"sessionCredentialFromConsole","StartsWith":["true"]}`), "selector 1: sessionCredentialFromConsole takes only Equals and NotEquals"},
		"console false":                {of(managementField + `,{"Field":"sessionCredentialFromConsole","Equals":["false"]}`), `selector 1: sessionCredentialFromConsole is true, not "false"`},
		"network without source":       {of(`{"Field":"eventCategory","Equals":["NetworkActivity"]}`), "selector 1: eventSource is required for NetworkActivity events"},
		"network with two sources":     {of(`{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["a","b"]}`), "selector 1: eventSource takes only Equals, with one value, for NetworkActivity events: each source needs a selector of its own"},
		"network by another operator":  {of(`{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","StartsWith":["a"]}`), "selector 1: eventSource takes only Equals, with one value"},
		"network with readOnly":        {of(networkFields + `,{"Field":"readOnly","Equals":["true"]}`), "selector 1: readOnly cannot filter NetworkActivity events"},
		"network with another error":   {of(networkFields + `,{"Field":"errorCode","Equals":["AccessDenied"]}`), `selector 1: errorCode is VpceAccessDenied, not "AccessDenied"`},
		"errors of data":               {of(dataFields + `,{"Field":"errorCode","Equals":["VpceAccessDenied"]}`), "selector 1: errorCode cannot filter Data events"},
		"filtered insights":            {of(`{"Field":"eventCategory","Equals":["Insight"]},{"Field":"eventName","Equals":["a"]}`), "selector 1: eventName cannot filter Insight events"},
		"insights beside others":       {`[` + one + `,{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]`, "an event data store of Insight events has no events of other categories: Management, Insight"},
		"the second is wrong":          {`[` + one + `,{"Name":"two","FieldSelectors":[]}]`, "selector 2 (two): eventCategory is required, with Equals"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(parse(t, c.selectors))
			require.ErrorIs(t, err, ErrInvalid)
			var typed *Error
			require.ErrorAs(t, err, &typed)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := Compile(parse(t, of(dataFields+`,{"Field":"resources.ARN","Equals":["arn:aws:s3:::b/*"]},{"Field":"eventName","Equals":[`+many(497)+`]}`)))
	require.NoError(t, err, "500 values; keys may have asterisks")
	_, err = Compile(parse(t, `[`+one+`,{"FieldSelectors":[`+dataFields+`]},{"FieldSelectors":[`+networkFields+`]}]`))
	require.NoError(t, err, "the categories of trails go together")
}

func TestHash(t *testing.T) {
	a := compile(t, `[{"Name":"a","FieldSelectors":[`+managementField+`]}]`)
	require.Equal(t, a.Hash(), compile(t, of(managementField)).Hash(), "names do not count")
	require.NotEqual(t, a.Hash(), compile(t, of(managementField+`,{"Field":"readOnly","Equals":["true"]}`)).Hash())
}

// TestMatchingDoesNotAllocate also holds for escaped text, once buffers have grown.
func TestMatchingDoesNotAllocate(t *testing.T) {
	m := compile(t, of(dataFields+`,{"Field":"resources.ARN","StartsWith":["arn"]},{"Field":"userIdentity.arn","NotEquals":["x"]}`)).NewMatcher()
	event := []byte(`{"eventCategory":"Data","eventName":"G\u0065t","userIdentity":{"arn":"a\/b"},"resources":[{"type":"AWS::S3::Object","ARN":"arn:1"}]}`)
	require.True(t, m.Selects(event))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Selects(event) }))
}

func FuzzSelects(f *testing.F) {
	f.Add([]byte(s3("arn:aws:s3:::a/1")))
	f.Add([]byte(`{"resources":[{"type":"AWS::S3::Object","ARN":"\ud800"}],"userIdentity":{"arn":"\\"}}`))
	f.Add([]byte(`{"resources":[`))
	m := compile(f, of(dataFields+`,{"Field":"resources.ARN","NotStartsWith":["arn"]},{"Field":"userIdentity.arn","StartsWith":["x"]}`)).NewMatcher()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if selected := m.Selects(raw); !json.Valid(raw) {
			require.True(t, selected, "what is no JSON is not for selectors to leave out")
		}
	})
}

// TestStoreExamples compiles selectors as the documentation of stores has them.
func TestStoreExamples(t *testing.T) {
	for name, text := range map[string]string{
		"all S3 data events":       of(dataFields + `,{"Field":"resources.ARN","StartsWith":["arn:aws:s3"]}`),
		"DeleteObject in a bucket": of(`{"Field":"eventCategory","Equals":["Data"]},{"Field":"eventName","Equals":["DeleteObject"]},{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::amzn-s3-demo-bucket"]},{"Field":"readOnly","Equals":["false"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`),
	} {
		t.Run(name, func(t *testing.T) { compile(t, text) })
	}
}
