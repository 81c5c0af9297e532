package eventhistory

import "fmt"

// managementSource reads the management events of a store of trails. Records say whether they are management events
// since version 1.06, and name their category since 1.07; trails delivered little else before.
func managementSource(storeID string) source {
	return source{
		storeID: storeID,
		columns: []string{
			"eventname", "eventsource", "CAST(readonly AS varchar)", "useridentity.accesskeyid", usernameSQL,
			"json_format(CAST(resources AS json))", "json_format(CAST(requestparameters AS json))", "json_format(CAST(responseelements AS json))", "eventjson",
		},
		category: "(eventcategory = 'Management' OR eventcategory IS NULL AND coalesce(managementevent, true))",
		of: map[string]func(string) string{
			EventID: equals("eventid"), EventName: equals("eventname"), EventSource: equals("eventsource"), AccessKeyID: equals("useridentity.accesskeyid"),
			ReadOnly:     func(value string) string { return "readonly = " + value },
			Username:     equals(usernameSQL),
			ResourceType: mayHaveResourceType,
			ResourceName: mayHaveResourceName,
		},
		read: func(e *Event, v []string) (err error) {
			e.Name, e.Source, e.ReadOnly, e.AccessKeyID, e.Username, e.Text = v[0], v[1], v[2], v[3], v[4], v[8]
			if e.Resources, err = resourcesOf(e, v[5], v[6], v[7]); err != nil {
				return fmt.Errorf("resources of event %s: %w", e.EventID, err)
			}
			return nil
		},
	}
}

// usernameSQL is who made a request: the name that the record gives, otherwise the name that the identity's type
// has elsewhere. That is the session of an assumed role, the user of a federated session, or the role that issued
// credentials; at a sign-in to the identity centre it is the user that the service added. A root user without an
// alias is root.
const usernameSQL = `coalesce(nullif(useridentity.username, ''), CASE useridentity.type
    WHEN 'Root' THEN 'root'
    WHEN 'AssumedRole' THEN coalesce(regexp_extract(useridentity.arn, ':assumed-role/.*/([^/]+)$', 1), nullif(split_part(useridentity.principalid, ':', 2), ''))
    WHEN 'FederatedUser' THEN regexp_extract(useridentity.arn, ':federated-user/(.+)$', 1)
    WHEN 'Role' THEN useridentity.sessioncontext.sessionissuer.username
    WHEN 'IdentityCenterUser' THEN element_at(additionaleventdata, 'UserName') END)`
