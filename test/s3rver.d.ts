/** An S3 server, as far as it is used here. */
declare module '@20minutes/s3rver' {
  class S3rver {
    constructor(options: {
      readonly directory: string
      readonly port: number
      readonly address: string
      readonly silent: boolean
    })
    run(): Promise<{ readonly port: number }>
  }
  export = S3rver
}
