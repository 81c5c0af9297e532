package awsapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func channelARN(id string) string { return "arn:aws:cloudtrail:us-east-1:123456789012:channel/" + id }

// newActivityStore makes a store for the events of channels, and returns its ARN.
func (f *fixture) newActivityStore(name string, more ...any) string {
	f.Helper()
	return f.newStore(name, append([]any{"MultiRegionEnabled", false, "TerminationProtectionEnabled", false, "AdvancedEventSelectors",
		[]any{of("Name", "all", "FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"ActivityAuditLog"})})}}, more...)...)
}

// to are the destinations of stores.
func to(stores ...string) []any {
	var list []any
	for _, store := range stores {
		list = append(list, of("Type", "EVENT_DATA_STORE", "Location", store))
	}
	return list
}

// newChannel makes a channel of people's own programs, and returns its ARN.
func (f *fixture) newChannel(stores ...string) string {
	f.Helper()
	return f.get("CreateChannel", of("Name", "app-channel", "Source", "Custom", "Destinations", to(stores...)))["ChannelArn"].(string)
}

// channelPolicy lets a principal push through a channel, "": the captured requests' one.
func channelPolicy(arn, principal, condition string) string {
	if arn == "" {
		arn = channelARN(capturedChannel)
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Principal":{"AWS":%q},"Action":"cloudtrail-data:PutAuditEvents","Resource":%q%s}]}`,
		principal, arn, condition)
}

// TestChannelLife: a channel is made, described, listed, changed, tagged and deleted, and what it feeds cannot be deleted meanwhile.
func TestChannelLife(t *testing.T) {
	f := newFixture(t)
	first, second := f.newActivityStore("first"), f.newActivityStore("second")
	made := f.get("CreateChannel", of("Name", "app", "Source", "Custom", "Destinations", to(idOf(first), second), "Tags", []any{of("Key", "team", "Value", "sec"), of("Key", "b")}))
	arn := made["ChannelArn"].(string)
	require.Regexp(t, `^arn:aws:cloudtrail:us-east-1:123456789012:channel/[0-9a-f-]{36}$`, arn)
	require.Equal(t, of("ChannelArn", arn, "Name", "app", "Source", "Custom", "Destinations", to(first, second),
		"Tags", []any{of("Key", "team", "Value", "sec"), of("Key", "b")}), made)
	id := arn[strings.LastIndex(arn, "/")+1:]
	want := of("ChannelArn", arn, "Name", "app", "Source", "Custom", "Destinations", to(first, second), "IngestionStatus", of())
	require.Equal(t, want, f.get("GetChannel", of("Channel", arn)))
	require.Equal(t, want, f.get("GetChannel", of("Channel", id)))

	f.clock.Pass(time.Second)
	other := f.get("CreateChannel", of("Name", "okta", "Source", "OktaSystemLogEvents", "Destinations", to(first)))["ChannelArn"].(string)
	page := f.get("ListChannels", of("MaxResults", 1))
	require.Equal(t, []any{of("ChannelArn", arn, "Name", "app")}, page["Channels"])
	page = f.get("ListChannels", of("MaxResults", 1, "NextToken", page["NextToken"]))
	require.Equal(t, of("Channels", []any{of("ChannelArn", other, "Name", "okta")}), page)

	require.Equal(t, of("ChannelArn", arn, "Name", "app-2", "Source", "Custom", "Destinations", to(first, second)), f.get("UpdateChannel", of("Channel", id, "Name", "app-2")))
	require.Equal(t, of("ChannelArn", arn, "Name", "app-2", "Source", "Custom", "Destinations", to(second)), f.get("UpdateChannel", of("Channel", arn, "Destinations", to(idOf(second)))))

	f.get("AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "c", "Value", "1"), of("Key", "team", "Value", "ops")}))
	f.get("RemoveTags", of("ResourceId", arn, "TagsList", []any{of("Key", "b")}))
	tags := f.get("ListTags", of("ResourceIdList", []any{arn, first}))["ResourceTagList"].([]any)
	require.Equal(t, of("ResourceId", arn, "TagsList", []any{of("Key", "team", "Value", "ops"), of("Key", "c", "Value", "1")}), tags[0])
	require.Len(t, tags, 2)

	f.refused("ChannelExistsForEDSException", "DeleteEventDataStore", of("EventDataStore", second))
	f.close()
	f.open()
	require.Equal(t, "app-2", f.get("GetChannel", of("Channel", arn))["Name"])
	require.Empty(t, f.get("DeleteChannel", of("Channel", id)))
	f.refused("ChannelNotFoundException", "GetChannel", of("Channel", arn))
	require.Empty(t, f.get("DeleteEventDataStore", of("EventDataStore", second)))
	f.refused("InactiveEventDataStoreException", "UpdateChannel", of("Channel", other, "Destinations", to(second)))
}

// TestChannelErrors: each wrong input has the error that the service gives.
func TestChannelErrors(t *testing.T) {
	f := newFixture(t)
	activity, trails := f.newActivityStore("activity"), f.newStore("trails")
	everywhere := f.newActivityStore("everywhere", "MultiRegionEnabled", true)
	gone := f.newActivityStore("gone")
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	arn := f.newChannel(activity)
	f.get("CreateChannel", of("Name", "okta", "Source", "OktaSystemLogEvents", "Destinations", to(activity)))
	create := func(pairs ...any) map[string]any {
		members := of("Name", "new", "Source", "GitHub", "Destinations", to(activity))
		for i := 0; i < len(pairs); i += 2 {
			members[pairs[i].(string)] = pairs[i+1]
		}
		return members
	}
	var manyTags []any
	for i := range 51 {
		manyTags = append(manyTags, of("Key", fmt.Sprint("k", i)))
	}
	absent := strings.Replace(activity, idOf(activity), absentStore, 1)
	foreign := strings.Replace(arn, account, "999999999999", 1)
	for _, tt := range []struct {
		name, code, operation string
		members               map[string]any
	}{
		{"the source has a channel", "ChannelAlreadyExistsException", "CreateChannel", create("Source", "Custom")},
		{"the name is taken", "ChannelAlreadyExistsException", "CreateChannel", create("Name", "app-channel")},
		{"nobody's source", "InvalidSourceException", "CreateChannel", create("Source", "Other")},
		{"a source without a name", "InvalidSourceException", "CreateChannel", create("Source", "")},
		{"a store of trails", "InvalidEventDataStoreCategoryException", "CreateChannel", create("Destinations", to(trails))},
		{"a store of all regions", "InvalidEventDataStoreCategoryException", "CreateChannel", create("Destinations", to(everywhere))},
		{"a store that is pending deletion", "InactiveEventDataStoreException", "CreateChannel", create("Destinations", to(gone))},
		{"no store", "EventDataStoreNotFoundException", "CreateChannel", create("Destinations", to(absentStore))},
		{"no store, by ARN", "EventDataStoreNotFoundException", "CreateChannel", create("Destinations", to(activity, absent))},
		{"a store's name", "EventDataStoreARNInvalidException", "CreateChannel", create("Destinations", to("activity"))},
		{"a store twice", "InvalidParameterException", "CreateChannel", create("Destinations", to(activity, idOf(activity)))},
		{"no destinations", "InvalidParameterException", "CreateChannel", create("Destinations", []any{})},
		{"a destination of AWS", "InvalidParameterException", "CreateChannel", create("Destinations", []any{of("Type", "AWS_SERVICE", "Location", "x.amazonaws.com")})},
		{"a short name", "InvalidParameterException", "CreateChannel", create("Name", "ab")},
		{"a name with a space", "InvalidParameterException", "CreateChannel", create("Name", "a b c")},
		{"a tag twice", "InvalidTagParameterException", "CreateChannel", create("Tags", []any{of("Key", "a"), of("Key", "a")})},
		{"many tags", "TagsLimitExceededException", "CreateChannel", create("Tags", manyTags)},
		{"get: no ARN", "ChannelARNInvalidException", "GetChannel", of("Channel", "app-channel")},
		{"get: a store's ARN", "ChannelARNInvalidException", "GetChannel", of("Channel", activity)},
		{"get: of another account", "ChannelARNInvalidException", "GetChannel", of("Channel", foreign)},
		{"get: no channel", "ChannelNotFoundException", "GetChannel", of("Channel", absentStore)},
		{"update: no channel", "ChannelNotFoundException", "UpdateChannel", of("Channel", absentStore, "Name", "abc")},
		{"update: no ARN", "ChannelARNInvalidException", "UpdateChannel", of("Channel", "app-channel", "Name", "abc")},
		{"update: nothing", "InvalidParameterException", "UpdateChannel", of("Channel", arn)},
		{"update: the name is taken", "ChannelAlreadyExistsException", "UpdateChannel", of("Channel", arn, "Name", "okta")},
		{"update: a store of trails", "InvalidEventDataStoreCategoryException", "UpdateChannel", of("Channel", arn, "Destinations", to(trails))},
		{"update: a store that is pending deletion", "InactiveEventDataStoreException", "UpdateChannel", of("Channel", arn, "Destinations", to(gone))},
		{"update: no store", "EventDataStoreNotFoundException", "UpdateChannel", of("Channel", arn, "Destinations", to(absentStore))},
		{"update: a store's name", "EventDataStoreARNInvalidException", "UpdateChannel", of("Channel", arn, "Destinations", to("activity"))},
		{"delete: no channel", "ChannelNotFoundException", "DeleteChannel", of("Channel", absentStore)},
		{"delete: no ARN", "ChannelARNInvalidException", "DeleteChannel", of("Channel", "app-channel")},
		{"list: a forged token", "InvalidNextTokenException", "ListChannels", of("NextToken", "eyJvIjoxfQ==")},
		{"list: a short token", "InvalidNextTokenException", "ListChannels", of("NextToken", "abc")},
		{"tags: many", "TagsLimitExceededException", "AddTags", of("ResourceId", arn, "TagsList", manyTags)},
		{"tags: no channel", "ChannelNotFoundException", "AddTags", of("ResourceId", channelARN(absentStore), "TagsList", []any{of("Key", "a")})},
		{"tags: no channel to list", "ResourceNotFoundException", "ListTags", of("ResourceIdList", []any{channelARN(absentStore)})},
		{"tags: of another account", "ChannelARNInvalidException", "RemoveTags", of("ResourceId", foreign, "TagsList", []any{of("Key", "a")})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			g.refused(tt.code, tt.operation, tt.members)
		})
	}
}

// TestChannelOfEachSource: there are fewer sources, of which each has one channel, than channels that there may be, so ChannelMaxLimitExceededException does
// not occur.
func TestChannelOfEachSource(t *testing.T) {
	f := newFixture(t)
	store := f.newActivityStore("activity")
	for _, source := range []string{"Custom", "CloudStorageSecurityConsole", "Clumio", "CrowdStrike", "CyberArk", "GitHub", "KongGatewayEnterprise", "LaunchDarkly",
		"NetskopeCloudExchange", "IBMMulticloud", "MontyCloud", "OktaSystemLogEvents", "OneLogin", "Shoreline", "Snyk", "WizAuditLogs"} {
		f.get("CreateChannel", of("Name", "of-"+source, "Source", source, "Destinations", to(store)))
	}
	require.Len(t, f.get("ListChannels", of())["Channels"], 16)
}

// TestRightsOfChannels: a key may do with channels what its policies allow, by name and tag, and learns of no others.
func TestRightsOfChannels(t *testing.T) {
	f := newFixture(t)
	store := f.newActivityStore("activity")
	arn := f.get("CreateChannel", of("Name", "app", "Source", "Custom", "Destinations", to(store), "Tags", []any{of("Key", "team", "Value", "sec")}))["ChannelArn"].(string)
	other := f.get("CreateChannel", of("Name", "other", "Source", "GitHub", "Destinations", to(store)))["ChannelArn"].(string)
	key := engine.KeyOptions{Policies: []engine.KeyPolicy{{Name: "p", Document: `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["cloudtrail:GetChannel","cloudtrail:AddTags"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"sec"}}},
		{"Effect":"Allow","Action":"cloudtrail:CreateChannel","Resource":"arn:aws:cloudtrail:us-east-1:123456789012:channel/*","Condition":{"StringEquals":{"aws:RequestTag/team":"ops"}}}]}`}}}
	create := of("Name", "third", "Source", "Clumio", "Destinations", to(store), "Tags", []any{of("Key", "team", "Value", "ops")})
	untagged := of("Name", "third", "Source", "Clumio", "Destinations", to(store))
	for _, tt := range []struct {
		name, operation string
		members         map[string]any
		want            string
	}{
		{"get", "GetChannel", of("Channel", arn), ""},
		{"get another", "GetChannel", of("Channel", other), "AccessDeniedException"},
		{"get what there is not", "GetChannel", of("Channel", absentStore), "AccessDeniedException"},
		{"tag", "AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "a")}), ""},
		{"tag another", "AddTags", of("ResourceId", other, "TagsList", []any{of("Key", "a")}), "AccessDeniedException"},
		{"list", "ListChannels", of(), "AccessDeniedException"},
		{"update", "UpdateChannel", of("Channel", arn, "Name", "abc"), "AccessDeniedException"},
		{"delete", "DeleteChannel", of("Channel", arn), "AccessDeniedException"},
		{"read the policy", "GetResourcePolicy", of("ResourceArn", arn), "AccessDeniedException"},
		{"create", "CreateChannel", create, ""},
		{"create without the tag", "CreateChannel", untagged, "AccessDeniedException"},
	} {
		require.Equal(t, tt.want, f.askAs(key, tt.operation, tt.members).Header().Get("x-amzn-ErrorType"), tt.name)
	}
}

// TestChannelPolicies: who may push through a channel its policy says.
func TestChannelPolicies(t *testing.T) {
	f := newFixture(t)
	arn := f.newChannel(f.newActivityStore("activity"))
	const partner = "999999999999"
	allowed := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cloudtrail-data:PutAuditEvents","Resource":"*"}]}`
	key := func(account string, policies ...string) engine.KeyOptions {
		options := engine.KeyOptions{AccountID: account}
		for i, text := range policies {
			options.Policies = append(options.Policies, engine.KeyPolicy{Name: fmt.Sprint("p", i), Document: text})
		}
		return options
	}
	put := func(text string) { f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", text)) }
	withID := func(id string) string { return `,"Condition":{"StringEquals":{"cloudtrail:ExternalId":"` + id + `"}}` }
	for i, tt := range []struct {
		name, policy, externalID string
		key                      engine.KeyOptions
		want                     string
	}{
		{"the owner needs no policy", "", "", key("", allowed), ""},
		{"an external id that nobody wants", "", "ext-1", key("", allowed), ""},
		{"a key without rights", "", "", key(""), "ChannelInsufficientPermission"},
		{"another account without a policy", "", "", key(partner, allowed), "ChannelInsufficientPermission"},
		{"another account that is let in", channelPolicy(arn, "arn:aws:iam::"+partner+":root", ""), "", key(partner, allowed), ""},
		{"that account without rights of its own", channelPolicy(arn, "arn:aws:iam::"+partner+":root", ""), "", key(partner), "ChannelInsufficientPermission"},
		{"a third account", channelPolicy(arn, "arn:aws:iam::"+partner+":root", ""), "", key("888888888888", allowed), "ChannelInsufficientPermission"},
		{"with the external id", channelPolicy(arn, "arn:aws:iam::"+partner+":root", withID("ext-1")), "ext-1", key(partner, allowed), ""},
		{"with another external id", channelPolicy(arn, "arn:aws:iam::"+partner+":root", withID("ext-1")), "ext-2", key(partner, allowed), "ChannelInsufficientPermission"},
		{"without the external id", channelPolicy(arn, "arn:aws:iam::"+partner+":root", withID("ext-1")), "", key(partner, allowed), "ChannelInsufficientPermission"},
		{"the owner without the external id", channelPolicy(arn, "arn:aws:iam::"+partner+":root", withID("ext-1")), "", key("", allowed), "ChannelInsufficientPermission"},
		{"the owner with it", channelPolicy(arn, "arn:aws:iam::"+partner+":root", withID("ext-1")), "ext-1", key("", allowed), ""},
		{"a denial", strings.Replace(channelPolicy(arn, "*", ""), "Allow", "Deny", 1), "", key("", allowed), "ChannelInsufficientPermission"},
		{"a right to something else", "", "", key("", strings.Replace(allowed, "PutAuditEvents", "Other", 1)), "ChannelInsufficientPermission"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			if tt.policy != "" {
				put(tt.policy)
			}
			w := g.putAs(tt.key, arn, tt.externalID, g.auditEvent(fmt.Sprint("e", i), nil))
			require.Equal(t, tt.want, w.Header().Get("x-amzn-ErrorType"), w.Body)
			if tt.policy != "" {
				g.get("DeleteResourcePolicy", of("ResourceArn", arn))
			}
		})
	}
	require.Equal(t, "ChannelInsufficientPermission", f.putAs(key(""), channelARN(absentStore), "", f.auditEvent("e", nil)).Header().Get("x-amzn-ErrorType"), "about what is not there, too")

	statement := channelPolicy(arn, "arn:aws:iam::"+partner+":root", "")
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf("%012d", i+1))
	}
	principals, _ := json.Marshal(many)
	inner := strings.TrimSuffix(strings.SplitN(statement, "[", 2)[1], "]}")
	var statements []string
	for i := range 21 {
		statements = append(statements, strings.Replace(inner, `"S"`, fmt.Sprintf(`"S%d"`, i), 1))
	}
	for _, tt := range []struct{ name, policy string }{
		{"no JSON", "{"},
		{"another action", strings.Replace(statement, "PutAuditEvents", "*", 1)},
		{"an action of the other service", strings.Replace(statement, "cloudtrail-data:PutAuditEvents", "cloudtrail:GetChannel", 1)},
		{"two actions", strings.Replace(statement, `"cloudtrail-data:PutAuditEvents"`, `["cloudtrail-data:PutAuditEvents","cloudtrail-data:PutAuditEvents"]`, 1)},
		{"all but an action", strings.Replace(statement, `"Action"`, `"NotAction"`, 1)},
		{"another channel", strings.Replace(statement, arn, channelARN(absentStore), 1)},
		{"all channels", strings.Replace(statement, `"`+arn+`"`, `"*"`, 1)},
		{"no resource", strings.Replace(statement, `,"Resource":"`+arn+`"`, "", 1)},
		{"all other resources", strings.Replace(statement, `"Resource"`, `"NotResource"`, 1)},
		{"many principals", strings.Replace(statement, `"arn:aws:iam::`+partner+`:root"`, string(principals), 1)},
		{"many statements", `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`},
		{"external ids by pattern", strings.Replace(statement, `"Resource"`, `"Condition":{"StringLike":{"cloudtrail:ExternalId":"*"}},"Resource"`, 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			g.refused("ResourcePolicyNotValidException", "PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", tt.policy))
		})
	}
	f.refused("ResourcePolicyNotFoundException", "GetResourcePolicy", of("ResourceArn", arn))
	f.refused("ResourceNotFoundException", "PutResourcePolicy", of("ResourceArn", channelARN(absentStore), "ResourcePolicy", statement))
	put(statement)
	require.Equal(t, statement, f.get("GetResourcePolicy", of("ResourceArn", arn))["ResourcePolicy"])
}
