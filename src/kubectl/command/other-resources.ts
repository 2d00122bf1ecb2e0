/**
 * What a real cluster of that version serves besides the kinds that are held here: known by name, so
 * that a question about it is refused as not modelled, not as a typing error.
 *
 * Source: the discovery of kube-apiserver v1.35.4.
 */

/** Plural, singular and short names, a resource a line. */
const NAMES = `
bindings binding
componentstatuses componentstatus cs
events event ev
limitranges limitrange limits
persistentvolumeclaims persistentvolumeclaim pvc
persistentvolumes persistentvolume pv
podtemplates podtemplate
replicationcontrollers replicationcontroller rc
resourcequotas resourcequota quota
secrets secret
serviceaccounts serviceaccount sa
mutatingwebhookconfigurations mutatingwebhookconfiguration
validatingadmissionpolicies validatingadmissionpolicy
validatingadmissionpolicybindings validatingadmissionpolicybinding
validatingwebhookconfigurations validatingwebhookconfiguration
customresourcedefinitions customresourcedefinition crd crds
apiservices apiservice
controllerrevisions controllerrevision
selfsubjectreviews selfsubjectreview
tokenreviews tokenreview
localsubjectaccessreviews localsubjectaccessreview
selfsubjectaccessreviews selfsubjectaccessreview
selfsubjectrulesreviews selfsubjectrulesreview
subjectaccessreviews subjectaccessreview
horizontalpodautoscalers horizontalpodautoscaler hpa
certificatesigningrequests certificatesigningrequest csr
leases lease
flowschemas flowschema
prioritylevelconfigurations prioritylevelconfiguration
ingressclasses ingressclass
runtimeclasses runtimeclass
poddisruptionbudgets poddisruptionbudget pdb
clusterrolebindings clusterrolebinding
clusterroles clusterrole
rolebindings rolebinding
roles role
deviceclasses deviceclass
resourceclaims resourceclaim
resourceclaimtemplates resourceclaimtemplate
resourceslices resourceslice
priorityclasses priorityclass pc
csidrivers csidriver
csinodes csinode
csistoragecapacities csistoragecapacity
storageclasses storageclass sc
volumeattachments volumeattachment
volumeattributesclasses volumeattributesclass vac`;

/** The plural of every name. */
const PLURALS: ReadonlyMap<string, string> = new Map(
  NAMES.trim()
    .split("\n")
    .flatMap((line) => {
      const names = line.split(" ");
      return names.map((name) => [name, names[0] as string] as const);
    }),
);

/** The plural of a resource that a real cluster serves and this one does not hold. */
export function otherResource(name: string): string | undefined {
  return PLURALS.get(name.toLowerCase().split(".")[0] as string);
}

/** Whether a manifest's kind is one of these. */
export function isOtherKind(kind: string): boolean {
  return otherResource(kind) !== undefined;
}
