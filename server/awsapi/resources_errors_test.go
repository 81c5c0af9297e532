package awsapi_test

import (
	"maps"
	"testing"
)

func init() {
	const oneList, byARN = "its filters have errors of their own", "a trail that has tags is named by its ARN"
	maps.Copy(neverAnsweredBy, map[string]map[string]string{
		"CreateChannel":         {"ChannelMaxLimitExceededException": "there are fewer sources than a lake may have channels, and a channel for each"},
		"GetChannel":            {"OperationNotPermittedException": readsOnly},
		"ListChannels":          {"OperationNotPermittedException": readsOnly},
		"GetImport":             {"OperationNotPermittedException": readsOnly, "InvalidParameterException": "an id that is none is ImportNotFoundException"},
		"ListImports":           {"OperationNotPermittedException": readsOnly, "InvalidParameterException": oneList},
		"ListImportFailures":    {"OperationNotPermittedException": readsOnly},
		"AddTags":               {"InvalidTrailNameException": byARN},
		"RemoveTags":            {"InvalidTrailNameException": byARN},
		"ListTags":              {"OperationNotPermittedException": readsOnly, "InvalidTrailNameException": byARN},
		"GetResourcePolicy":     {"OperationNotPermittedException": readsOnly},
		"StopImport":            {"OperationNotPermittedException": "in a lake that is only read nothing runs"},
		"LookupEvents":          {"OperationNotPermittedException": readsOnly},
		"StartImport":           {"InvalidEventDataStoreStatusException": "a store is between two states while nobody can ask"},
		"PutAuditEvents":        {"ChannelUnsupportedSchema": "each destination has the one schema that there is"},
		"PutEventConfiguration": {"InsufficientIAMAccessPermissionException": "a lake needs no role"},
	})
}

// TestEveryErrorOfResources: what tags, policies, channels and imports refuse, as far as no other test has it.
func TestEveryErrorOfResources(t *testing.T) {
	f := newFixture(t)
	gone, activity, main := f.newStore("gone", "TerminationProtectionEnabled", false), f.newActivityStore("activity"), f.newStore("main")
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	one := []any{of("Key", "a")}
	const ours = "arn:aws:cloudtrail:us-east-1:123456789012:"
	for code, arn := range map[string]string{
		"CloudTrailARNInvalidException": "x", "ChannelARNInvalidException": ours + "channel/none", "EventDataStoreARNInvalidException": ours + "eventdatastore/none",
		"EventDataStoreNotFoundException": ours + "eventdatastore/" + absentStore, "InactiveEventDataStoreException": gone,
		"ResourceTypeNotSupportedException": "arn:aws:s3:::logs", "ResourceNotFoundException": ours + "trail/none",
	} {
		f.refused(code, "AddTags", of("ResourceId", arn, "TagsList", one))
		f.refused(code, "RemoveTags", of("ResourceId", arn, "TagsList", one))
		f.refused(code, "ListTags", of("ResourceIdList", []any{arn}))
	}
	f.refused("ChannelNotFoundException", "AddTags", of("ResourceId", channelARN(absentStore), "TagsList", one))
	f.refused("ChannelNotFoundException", "RemoveTags", of("ResourceId", channelARN(absentStore), "TagsList", one))
	f.refused("InvalidTagParameterException", "RemoveTags", of("ResourceId", activity, "TagsList", []any{of("Key", "a"), of("Key", "a")}))

	for code, arn := range map[string]string{
		"ResourceARNNotValidException": "x", "ResourceNotFoundException": ours + "eventdatastore/" + absentStore, "ResourceTypeNotSupportedException": ours + "trail/main",
	} {
		f.refused(code, "GetResourcePolicy", of("ResourceArn", arn))
		f.refused(code, "DeleteResourcePolicy", of("ResourceArn", arn))
	}
	f.refused("OperationNotPermittedException", "DeleteResourcePolicy", of("ResourceArn", gone))

	f.refused("InvalidNextTokenException", "ListImports", of("NextToken", "abcdefgh"))
	f.refused("InvalidNextTokenException", "ListImportFailures", of("ImportId", absentStore, "NextToken", "abcdefgh"))

	channel := f.newChannel(activity)
	f.close()
	f.isReadOnly = true
	f.open()
	for operation, members := range map[string]map[string]any{
		"CreateChannel": of("Name", "new", "Source", "Custom", "Destinations", to(activity)), "UpdateChannel": of("Channel", channel, "Name", "new"), "DeleteChannel": of("Channel", channel),
		"StartImport": importMembers(main, "s3://logs/AWSLogs/"),
		"AddTags":     of("ResourceId", activity, "TagsList", one), "RemoveTags": of("ResourceId", activity, "TagsList", one),
	} {
		f.refused("OperationNotPermittedException", operation, members)
	}
}
