/**
 * The fields of Kubernetes objects that kube-proxy reads, with Kubernetes' own names. Any object of
 * the API fits; nothing else in it has an influence on the rules.
 */

/** What names an object. */
export interface ProxyMetadata {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A `v1` Service. */
export interface ProxyService {
  readonly metadata?: ProxyMetadata | undefined;
  readonly spec?: ProxyServiceSpec | undefined;
  readonly status?:
    | {
        readonly loadBalancer?:
          | { readonly ingress?: readonly ProxyIngress[] | null | undefined }
          | undefined;
      }
    | undefined;
}

/** `spec` of a Service. */
export interface ProxyServiceSpec {
  readonly type?: string | undefined;
  readonly clusterIP?: string | undefined;
  readonly clusterIPs?: readonly string[] | null | undefined;
  readonly ipFamilies?: readonly string[] | null | undefined;
  readonly externalIPs?: readonly string[] | null | undefined;
  readonly ports?: readonly ProxyServicePortSpec[] | null | undefined;
  readonly sessionAffinity?: string | undefined;
  readonly sessionAffinityConfig?:
    | { readonly clientIP?: { readonly timeoutSeconds?: number | undefined } | undefined }
    | undefined;
  readonly externalTrafficPolicy?: string | undefined;
  readonly internalTrafficPolicy?: string | undefined;
  readonly healthCheckNodePort?: number | undefined;
  readonly loadBalancerSourceRanges?: readonly string[] | null | undefined;
}

/** One entry of `spec.ports`. */
export interface ProxyServicePortSpec {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly port?: number | undefined;
  readonly nodePort?: number | undefined;
}

/** One entry of `status.loadBalancer.ingress`. */
export interface ProxyIngress {
  readonly ip?: string | undefined;
  readonly ipMode?: string | null | undefined;
}

/** A `discovery.k8s.io/v1` EndpointSlice. */
export interface ProxyEndpointSlice {
  readonly metadata?: ProxyMetadata | undefined;
  readonly addressType?: string | undefined;
  readonly endpoints?: readonly ProxySliceEndpoint[] | null | undefined;
  readonly ports?: readonly ProxySlicePort[] | null | undefined;
}

/** One entry of `endpoints`. */
export interface ProxySliceEndpoint {
  readonly addresses?: readonly string[] | null | undefined;
  readonly conditions?:
    | {
        readonly ready?: boolean | null | undefined;
        readonly serving?: boolean | null | undefined;
        readonly terminating?: boolean | null | undefined;
      }
    | undefined;
  readonly nodeName?: string | null | undefined;
  readonly hints?:
    | {
        readonly forZones?: readonly { readonly name: string }[] | null | undefined;
        readonly forNodes?: readonly { readonly name: string }[] | null | undefined;
      }
    | undefined;
}

/** One entry of a slice's `ports`. */
export interface ProxySlicePort {
  readonly name?: string | null | undefined;
  readonly port?: number | null | undefined;
  readonly protocol?: string | undefined;
}
